"""E-mail addresses: ``jane@firm.example``, ``"jane doe"@firm.example``, ``jane [at] firm [dot] example``."""

from __future__ import annotations

import re

__all__ = ["mask_addresses"]

_SIGN = re.compile(r"@|\\u0040|[(\[{] ?(?:at|ät|arroba|chiocciola|собака) ?[)\]}]", re.IGNORECASE)
#: RFC 5321: at most 64 characters before the sign, and 253 after it.
_MAX_LOCAL = 64
_MAX_DOMAIN = 253

# The text before the sign is matched backwards: one attempt finds where the name begins.
_LOCAL_BACKWARDS = re.compile(r' ?(?:"[^"\n]{1,62}"|[\w.!#$%\'*+^`~\-]{1,64})')
_DOT = r"(?:\.| ?[(\[{] ?(?:dot|punkt|point|punto|ponto|kropka) ?[)\]}] ?)"
_DOMAIN = re.compile(
    rf" ?(?:(?P<names>[\w\-]{{1,63}}(?:{_DOT}[\w\-]{{1,63}}){{0,8}})|\[[0-9A-Fa-f.:]{{2,45}}\])",
    re.IGNORECASE,
)
#: ``logo@2x.png`` is a picture; the last name of ``react@18.2.0`` is no top-level domain.
_PICTURE = re.compile(r"\d(?:\.\d)?x\.\w{2,5}", re.IGNORECASE)
_BRACKETED_DOT = re.compile(r"[)\]}]")
_TOP_LEVEL = re.compile(r"[^\W\d_]{2}")


def mask_addresses(text: str) -> str:
    """Replace every e-mail address by ``[e-mail]``."""
    kept, since = [], 0
    for sign in _SIGN.finditer(text):
        if sign.start() >= since and (place := _address_around(text, sign, since)):
            start, end = place
            kept += [text[since:start], "[e-mail]"]
            since = end
    return "".join(kept) + text[since:] if kept else text


def _address_around(text: str, sign: re.Match[str], since: int) -> tuple[int, int] | None:
    before = text[max(since, sign.start() - _MAX_LOCAL) : sign.start()][::-1]
    local = _LOCAL_BACKWARDS.match(before)
    domain = _DOMAIN.match(text, sign.end(), sign.end() + _MAX_DOMAIN)
    if local is None or domain is None or not any(char.isalnum() for char in local[0]):
        return None
    # "Mention @team" and "4K@ 60" are none: with a space on one side only, an @ belongs to the other one.
    if sign[0] == "@" and local[0].startswith(" ") != domain[0].startswith(" "):
        return None
    if not _is_domain(domain["names"]):
        return None
    name = local[0] if '"' in local[0] else local[0].rstrip("!#$'*")
    return sign.start() - len(name), domain.end()


def _is_domain(names: str | None) -> bool:
    """Whether it is a host's name, an address in brackets (None), or written with words for its dots."""
    if names is None or names.lower() == "localhost":
        return True
    if _PICTURE.match(names):
        return False
    if _BRACKETED_DOT.search(names):
        return True
    _, dot, last = names.rpartition(".")
    return bool(dot) and _TOP_LEVEL.match(last) is not None
