"""Reads the address of a Redis server from a configuration file."""

from __future__ import annotations

from urllib.parse import urlsplit

from rasa_autoplay.settings.secret import Secret

__all__ = ["redis_url"]

_FORM = "redis://:password@host:6379/0 (rediss:// for TLS, unix:///path/of/the.sock for a socket)"


def redis_url(value: object) -> Secret:
    """Read a Redis URL. It can contain a password, so errors show no part of it.

    Raises:
        ValueError: ``value`` is not a Redis URL.
    """
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be the server's URL: {_FORM}")
    if "${" in value:
        raise ValueError("a variable in quotes is not expanded: write ${NAME} without quotes")
    problem = _problem_of(value.strip())
    if problem:
        raise ValueError(f"{problem}: write {_FORM}")
    return Secret(value.strip())


def _problem_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme == "unix":
        return "" if rest.rpartition("@")[2].startswith("/") else "it names no socket"
    if scheme not in ("redis", "rediss"):
        return "it must begin with redis://, rediss:// or unix://"
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # its message can contain a part of the password
        is_complete = False
    if not is_complete or parts.fragment:
        return "host and port cannot be read (in a password, write @ : / # ? % as %40 %3A %2F %23 %3F %25)"
    database = parts.path.strip("/")
    if database and not (database.isascii() and database.isdigit()):
        return "the part after the host must be a database number, such as /0"
    return ""
