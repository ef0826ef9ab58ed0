"""Masks IP addresses of people; versions such as ``1.2.3.4`` and netmasks stay."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

__all__ = ["mask_ip_addresses"]

_NEAR = 24
_V4 = re.compile(r"(?<![\w.\-])(?:\d{1,3}\.){3}\d{1,3}(?![\w\-]|\.\d)")
_V6 = re.compile(r"(?<![\w:.])(?=[0-9a-fA-F]{0,4}:)[0-9a-fA-F:]{3,39}(?:%\w{1,16})?(?![\w:])")
_LABEL = re.compile(r"(?<![a-z])(?:ip|ipv4|client|host|addr)[\w\s-]{0,16}[\s:=#(]{0,3}$", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:version|vers\.?|ver\.?|release|build|firmware|update|v|section|chapter|abschnitt|kapitel|wersja|sürüm|versión|versione"
    r"|versão|versie|バージョン)[\s:.]{0,3}$",
    re.IGNORECASE,
)
#: Most versions have only numbers below this, and addresses of people's connections never do.
_LARGE = 20


def mask_ip_addresses(text: str) -> str:
    """Replace addresses of people's connections by ``[ip]``; private ones only after a word such as "IP"."""
    if text.count(".") >= 3:
        text = _V4.sub(_mask_v4, text)
    return _V6.sub(_mask_v6, text) if text.count(":") >= 2 else text


def _mask_v4(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    parts = [int(part) for part in match[0].split(".")]
    if max(parts) > 255 or _VERSION.search(before):
        return match[0]
    address = IPv4Address(".".join(map(str, parts)))
    if address.is_unspecified or address.is_loopback or parts[0] == 255:
        return match[0]
    if _LABEL.search(before):
        return "[ip]"
    return match[0] if _is_inner(parts) or max(parts) < _LARGE else "[ip]"


def _is_inner(parts: list[int]) -> bool:
    """Whether the address is private: 10/8, 172.16/12, 192.168/16."""
    first, second = parts[0], parts[1]
    return first == 10 or (first == 172 and 16 <= second < 32) or (first == 192 and second == 168)


def _mask_v6(match: re.Match[str]) -> str:
    try:
        address = IPv6Address(match[0].partition("%")[0])
    except ValueError:
        return match[0]
    is_written_out = match[0].count(":") >= 4 or sum(char.isalnum() for char in match[0]) >= 8
    return "[ip]" if is_written_out and not address.is_loopback else match[0]
