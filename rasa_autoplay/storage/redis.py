"""A Redis server that may be down: one connection pool, and a readable description of its problem."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.secret import Secret

try:
    from redis import exceptions as failures
    from redis.asyncio import Redis
except ImportError:
    raise ConfigError(
        "The Python package redis is missing.", remedy='Install it: pip install "rasa-autoplay[redis]".'
    ) from None

__all__ = ["REDIS_FAILURES", "RedisConnection", "reason_of"]

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 2.0
#: Blocking commands must use a shorter timeout.
_ANSWER_TIMEOUT_S = 5.0
#: The first version with XAUTOCLAIM.
_OLDEST_VERSION = (6, 2)

#: All errors that a command can raise because of the server, the network or a key.
REDIS_FAILURES: tuple[type[Exception], ...] = (failures.RedisError, OSError, asyncio.TimeoutError)

_UNREACHABLE = "Redis cannot be reached"
#: The first match counts. The library's own text can contain keys, values and addresses.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (failures.AuthenticationError, "Redis refuses the user or the password"),
    (failures.AuthenticationWrongNumberOfArgsError, "Redis refuses the user or the password"),
    (failures.AuthorizationError, "Redis refuses the user or the password"),
    (failures.BusyLoadingError, "Redis is still loading its data"),
    (failures.MaxConnectionsError, "Redis accepts no more connections (maxclients)"),
    (failures.NoPermissionError, "the Redis user may not use all commands and keys that are needed"),
    (failures.ReadOnlyError, "this Redis is a read-only replica"),
    (failures.ClusterError, "this Redis is a cluster, which is not supported, or its primary is away"),
    (failures.AskError, "this Redis is a cluster, which is not supported"),
    (failures.TimeoutError, "Redis does not answer in time"),
    (failures.ConnectionError, _UNREACHABLE),
    (asyncio.TimeoutError, "Redis does not answer in time"),
    (OSError, _UNREACHABLE),
)
#: The first match of a prefix of the server's error counts. The library removes the first word of some
#: errors.
_BEGINNINGS = (
    ("NOAUTH", "Redis refuses the user or the password"),
    ("WRONGTYPE", "a key of the copilot in Redis has another type"),
    ("MISCONF", "Redis cannot write to its disk and therefore rejects writes"),
    ("MASTERDOWN", "this Redis is a replica whose primary is away"),
    ("MOVED", "this Redis is a cluster, which is not supported"),
    ("DB index is out of range", "Redis has no database with this number"),
    ("max number of clients", "Redis accepts no more connections (maxclients)"),
    ("OOM", "Redis's memory is full (maxmemory)"),
    # What newer versions of the library leave of the same error.
    ("command not allowed when used memory", "Redis's memory is full (maxmemory)"),
    ("READONLY", "this Redis is a read-only replica"),
)


def reason_of(failure: BaseException) -> str:
    """Describe a failure without secrets, keys or values."""
    # A pipeline's error begins with the command and its keys and values.
    text = str(failure).rpartition("caused error: ")[2].lstrip("('\"")
    found = next((reason for beginning, reason in _BEGINNINGS if text.startswith(beginning)), "")
    found = found or next((reason for kind, reason in _REASONS if isinstance(failure, kind)), "")
    return found or f"Redis refuses a command ({type(failure).__name__})"


class RedisConnection:
    """One server. Callers use ``client`` and report whether their commands worked.

    Args:
        url: the URL from :func:`rasa_autoplay.settings.redis_url.redis_url`.
        place: where the URL is configured, for remedies, such as ``shared.redis in autoplay.yml``.

    Raises:
        ConfigError: the URL has an option that the client does not know.
    """

    def __init__(self, url: Secret, place: str) -> None:
        #: The current problem, for operators; empty if there is none.
        self.problem = ""
        #: A problem that may come later; empty if there is none.
        self.warning = ""
        self.place = place
        try:
            self.client: Any = Redis.from_url(
                url.reveal(), socket_connect_timeout=_CONNECT_TIMEOUT_S, socket_timeout=_ANSWER_TIMEOUT_S
            )
        except (ValueError, TypeError):  # its text can contain a part of the password
            raise ConfigError(
                f"{place} is not a usable Redis URL.",
                remedy="Write redis://:password@host:6379/0.",
            ) from None

    async def check(self) -> bool:
        """Check that the server responds, accepts the user and is suitable; otherwise set ``problem``."""
        try:
            self._set_problem(await self._incompatibility())
        except REDIS_FAILURES as failure:
            self.report(failure)
        return not self.problem

    async def _incompatibility(self) -> str:
        await self.client.ping()
        try:
            server = await self.client.info("server")
            replication = await self.client.info("replication")
            self.warning = _eviction(await self.client.info("memory"))
        except failures.NoPermissionError:
            return ""  # later commands will show what is missing
        version = str(server.get("redis_version", ""))
        if _numbers(version) < _OLDEST_VERSION:
            return f"this Redis is version {version[:20] or 'unknown'}, and 6.2 or newer is needed"
        if replication.get("role") == "slave":
            return "this Redis is a read-only replica"
        return ""

    def report(self, failure: BaseException) -> None:
        """Record that a command failed, and log each new reason once."""
        self._set_problem(reason_of(failure))

    def works(self) -> None:
        """Record that a command succeeded."""
        if self.problem:
            self._set_problem("")

    def _set_problem(self, problem: str) -> None:
        if problem and problem != self.problem:
            logger.error("%s. Check %s.", problem[0].upper() + problem[1:], self.place)
        elif self.problem and not problem:
            logger.info("Redis works again.")
        self.problem = problem

    def health(self) -> dict[str, str]:
        """The state and the remedy, without secrets."""
        if not self.problem:
            return {"state": "connected", **({"remedy": self.warning} if self.warning else {})}
        return {"state": "failed", "remedy": f"{self.problem}: check {self.place}"}

    async def close(self) -> None:
        """Close all connections."""
        await self.client.close()
        await self.client.connection_pool.disconnect()


def _eviction(memory: Mapping[str, Any]) -> str:
    """Return the remedy for a server that may evict keys; empty if it does not."""
    policy = str(memory.get("maxmemory_policy", "noeviction"))[:40]
    if policy == "noeviction" or not memory.get("maxmemory"):
        return ""
    return (
        f"this Redis evicts keys, such as sessions and leases, when its memory is full (maxmemory-policy "
        f"{policy}): set maxmemory-policy noeviction, or give the copilot its own Redis"
    )


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int(part) if part.isdigit() else 0 for part in parts)
