"""Which websites may read the server's answers: ``allowed_origins``, and the ``Origin`` header."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable

import idna

__all__ = ["AllowedOrigins", "canonical_origin"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: The schemes of web pages inside apps and browser extensions.
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
_SHAPE = "write scheme and host, such as https://app.example.com"


def canonical_origin(entry: str) -> str:
    """Spell an entry of ``allowed_origins`` as browsers spell their ``Origin`` header.

    ``https://*.example.com`` stands for all subdomains, ``http://localhost:*`` for all ports, and ``*`` for
    every site.

    Args:
        entry: the entry as written in the file.

    Raises:
        ValueError: no browser can send such an origin.
    """
    if entry == "*":
        return entry
    if entry == "null":
        raise ValueError("'null' is the origin of every sandboxed page, so it would allow every site")
    scheme, separator, rest = entry.partition("://")
    scheme = scheme.lower()
    if not separator or not rest:
        raise ValueError(f"{entry!r} is not an origin: {_SHAPE}")
    if scheme not in _SCHEMES:
        raise ValueError(f"{entry!r} is not an origin: {_scheme_hint(scheme)}")
    if found := re.search(r"[/?#@\\\s]", rest):
        raise ValueError(
            f"{entry!r} is not an origin: leave out {found.group()!r} and what belongs to it; {_SHAPE}"
        )
    host, port = _split_port(entry, rest)
    if scheme in _APP_SCHEMES:
        if not _APP_NAME.fullmatch(host):
            raise ValueError(f"{entry!r}: {host!r} is not a host: {scheme}:// allows no patterns")
    else:
        host = _canonical_host(entry, host)
    is_default = port == str(_DEFAULT_PORTS.get(scheme))
    return f"{scheme}://{host}" + ("" if is_default or not port else f":{port}")


def _scheme_hint(scheme: str) -> str:
    if scheme in ("ws", "wss"):
        return f"write the page's own scheme, which also allows its websockets: http{scheme[2:]}://"
    close = difflib.get_close_matches(scheme, _SCHEMES, n=1)
    hint = f"; did you mean {close[0]}://?" if close else ""
    return f"pages cannot have the scheme {scheme}://{hint or '.'} Allowed: {', '.join(_SCHEMES)}"


def _split_port(entry: str, rest: str) -> tuple[str, str]:
    """Host and port; the port is empty, a number without leading zeros, or ``*``."""
    host, separator, port = rest.rpartition(":")
    if rest.endswith("]") or not separator:
        return rest, ""
    if port == "*":
        return host, port
    if not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"{entry!r}: {port!r} is not a port: write a number from 1 to 65535, or * for any")
    return host, str(int(port))


def _canonical_host(entry: str, host: str) -> str:
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            raise ValueError(f"{entry!r}: {host!r} is not an IPv6 address") from None
    is_pattern = host.startswith("*.")
    name = host.removeprefix("*.")
    if "*" in name:
        raise ValueError(f"{entry!r}: a * stands for whole subdomains, such as https://*.example.com")
    try:
        name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    if not _DNS_NAME.fullmatch(name):
        raise ValueError(f"{entry!r}: {host!r} is not a host name: {_SHAPE}")
    if is_pattern and "." not in name.strip(".") and name != "localhost":
        raise ValueError(f"{entry!r} would allow all sites under .{name}: name your own domain")
    return f"*.{name}" if is_pattern else name


class AllowedOrigins:
    """Decides by the ``Origin`` header whether a website is allowed.

    Args:
        entries: canonical origins and patterns.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        entries = list(entries)
        self._allows_all = "*" in entries
        self._exact = frozenset(entry for entry in entries if "*" not in entry)
        patterns = [_pattern(entry) for entry in entries if "*" in entry and entry != "*"]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def __contains__(self, origin: str) -> bool:
        """Whether this origin is allowed."""
        if not origin:
            return False
        if self._allows_all or origin in self._exact:
            return True
        return self._pattern is not None and self._pattern.fullmatch(origin) is not None


def _pattern(entry: str) -> str:
    any_port = entry.endswith(":*")
    scheme, _, host = entry.removesuffix(":*").partition("://")
    subdomains = rf"(?:{_LABEL}\.)+" if host.startswith("*.") else ""
    return f"{re.escape(scheme)}://{subdomains}{re.escape(host.removeprefix('*.'))}" + (
        r"(?::[0-9]{1,5})?" if any_port else ""
    )
