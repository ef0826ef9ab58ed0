"""Which web sites may read our answers: the entries of ``allowed_origins``, and the ``Origin`` header."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable

import idna

__all__ = ["AllowedOrigins", "canonical_origin"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: Frameworks that show web pages in an app give these pages schemes of their own.
_APP_SCHEMES = (
    "app",
    "capacitor",
    "chrome-extension",
    "ionic",
    "moz-extension",
    "safari-web-extension",
    "tauri",
)
_SCHEMES = (*_DEFAULT_PORTS, *_APP_SCHEMES)
_LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_DNS_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_APP_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SHAPE = "write scheme and host, as in https://app.example.com"


def canonical_origin(entry: str) -> str:
    """An entry of ``allowed_origins``, spelled as browsers spell their ``Origin`` header.

    ``https://*.example.com`` stands for all subdomains, ``http://localhost:*`` for all ports, ``*`` for every
    site.

    Args:
        entry: as a person writes it.

    Raises:
        ValueError: no browser can ever send such an origin.
    """
    if entry == "*":
        return entry
    if entry == "null":
        raise ValueError("'null' is what any sandboxed page sends, so that it would let in every site")
    scheme, separator, rest = entry.partition("://")
    scheme = scheme.lower()
    if not separator or not rest:
        raise ValueError(f"{entry!r} is no origin: {_SHAPE}")
    if scheme not in _SCHEMES:
        raise ValueError(f"{entry!r} is no origin: {_scheme_hint(scheme)}")
    if found := re.search(r"[/?#@\\\s]", rest):
        raise ValueError(
            f"{entry!r} is no origin: leave out {found.group()!r} and what belongs to it; {_SHAPE}"
        )
    host, port = _split_port(entry, rest)
    if scheme in _APP_SCHEMES:
        if not _APP_NAME.fullmatch(host):
            raise ValueError(f"{entry!r}: {host!r} is no host: no pattern is possible with {scheme}://")
    else:
        host = _canonical_host(entry, host)
    is_default = port == str(_DEFAULT_PORTS.get(scheme))
    return f"{scheme}://{host}" + ("" if is_default or not port else f":{port}")


def _scheme_hint(scheme: str) -> str:
    if scheme in ("ws", "wss"):
        return f"the page's own scheme is meant, also for its websockets: http{scheme[2:]}://"
    close = difflib.get_close_matches(scheme, _SCHEMES, n=1)
    hint = f"; did you mean {close[0]}://?" if close else ""
    return f"{scheme}:// has none{hint} Known are {', '.join(_SCHEMES)}"


def _split_port(entry: str, rest: str) -> tuple[str, str]:
    """Host and port; the port is empty, a number without leading zeros, or ``*``."""
    host, separator, port = rest.rpartition(":")
    if rest.endswith("]") or not separator:
        return rest, ""
    if port == "*":
        return host, port
    if not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"{entry!r}: {port!r} is no port: a number from 1 to 65535, or * for any")
    return host, str(int(port))


def _canonical_host(entry: str, host: str) -> str:
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            raise ValueError(f"{entry!r}: {host!r} is no IPv6 address") from None
    is_pattern = host.startswith("*.")
    name = host.removeprefix("*.")
    if "*" in name:
        raise ValueError(f"{entry!r}: a * stands for whole subdomains, as in https://*.example.com")
    try:
        name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    if not _DNS_NAME.fullmatch(name):
        raise ValueError(f"{entry!r}: {host!r} is no host name: {_SHAPE}")
    if is_pattern and "." not in name.strip(".") and name != "localhost":
        raise ValueError(f"{entry!r} would let in all sites under .{name}: name your own domain")
    return f"*.{name}" if is_pattern else name


class AllowedOrigins:
    """Tells by the ``Origin`` header whether a web site is let in.

    Args:
        entries: canonical origins and patterns.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        entries = list(entries)
        self._lets_in_all = "*" in entries
        self._exact = frozenset(entry for entry in entries if "*" not in entry)
        patterns = [_pattern(entry) for entry in entries if "*" in entry and entry != "*"]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def __contains__(self, origin: str) -> bool:
        """Whether this is an origin, and one that is let in."""
        if not origin:
            return False
        if self._lets_in_all or origin in self._exact:
            return True
        return self._pattern is not None and self._pattern.fullmatch(origin) is not None


def _pattern(entry: str) -> str:
    any_port = entry.endswith(":*")
    scheme, _, host = entry.removesuffix(":*").partition("://")
    subdomains = rf"(?:{_LABEL}\.)+" if host.startswith("*.") else ""
    return f"{re.escape(scheme)}://{subdomains}{re.escape(host.removeprefix('*.'))}" + (
        r"(?::[0-9]{1,5})?" if any_port else ""
    )
