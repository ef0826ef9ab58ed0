"""Reads the limits of this machine and the settings of Redis for the production checklist."""

from __future__ import annotations

__all__ = ["open_files_limit", "redis_policy"]

_TIMEOUT_S = 5.0


def open_files_limit() -> int | None:
    """Return how many files and connections a process may open; None if there is no known limit."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def redis_policy(url: str) -> tuple[str, str]:
    """Ask a Redis server what it does when its memory is full.

    Args:
        url: the server's address. A password in it is never part of the result.

    Returns:
        The policy, and the reason why it is unknown; one of the two is empty.
    """
    try:
        from redis import Redis
        from redis.exceptions import RedisError
    except ImportError:
        return "", "the Python package redis is not installed here"
    try:
        with Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S) as client:
            memory = client.info("memory")
    except (RedisError, OSError, ValueError) as problem:
        return "", type(problem).__name__
    return str(memory.get("maxmemory_policy", "")), ""
