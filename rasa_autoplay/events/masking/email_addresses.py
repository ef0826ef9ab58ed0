"""Masks e-mail addresses, also spelled out: ``"jane doe"@firm.example``, ``jane [at] firm [dot] example``."""

from __future__ import annotations

import re

from rasa_autoplay.events.masking.names import words_of

__all__ = ["has_spelled_sign", "mask_addresses"]

#: Words for the sign, between spaces.
_NAMES = words_of(
    "AT _at_ *at* -at- _AT_ *AT* -AT- arroba arobase chiocciola małpa apenstaartje klammeraffe アット собака"
)
_WORDS = _NAMES | {"at"}
#: "at" in lower case is usually a word, so the name before it or the domain after it must have a dot.
_SIGN = re.compile(
    r"@|\\u0040|[(\[{<] ?(?:at|@|ät|arroba|arobase|chiocciola|małpa|kuyruklu a|apenstaartje|собака"
    rf"|アットマーク|アット) ?[)\]}}>]| (?-i:{'|'.join(map(re.escape, sorted(_NAMES)))}) "
    r"| (?-i:at) (?=[\w\-]{1,63} (?:dot|punkt) \w{2})|(?<=[a-z]) (?-i:at) (?=[\w\-]{1,63}\.)",
    re.IGNORECASE,
)
#: If a text has none of these, only a word can stand for the sign.
_BRACKET = re.compile(r"[@(\[{<\\]")
_SPACES = 4
#: RFC 5321: at most 64 characters before the sign, and 253 after it.
_MAX_LOCAL = 64
_MAX_DOMAIN = 253

# The text before the sign is matched backwards, so that one attempt finds the beginning of the name.
_LOCAL_BACKWARDS = re.compile(r' ?(?:"[^"\n]{1,62}"|[\w.!#$%\'*+^`~\-]{1,64})')
_DOT = (
    r"(?:\.| ?[(\[{<] ?(?:dot|punkt|point|punto|ponto|kropka|punt|nokta|ドット|\.) ?[)\]}>] ?"
    r"| (?:[_*\-]dot[_*\-]|dot|punkt|point|punto|ponto|kropka|punt|nokta|ドット) )"
)
_DOMAIN = re.compile(
    rf" ?(?:(?P<names>[\w\-]{{1,63}}(?:{_DOT}[\w\-]{{1,63}}){{0,8}})|\[[0-9A-Fa-f.:]{{2,45}}\])",
    re.IGNORECASE,
)
#: ``logo@2x.png`` is a picture.
_PICTURE = re.compile(r"\d(?:\.\d)?x\.\w{2,5}", re.IGNORECASE)
_BRACKETED_DOT = re.compile(r"[)\]}> ]")
_TOP_LEVEL = re.compile(r"[^\W\d_]{2}")


def has_spelled_sign(text: str) -> bool:
    """Whether a word between spaces may stand for the sign, as in ``jane AT firm.example``."""
    # Most labels have no dot and fewer words than "jane at firm dot example".
    return ("." in text or text.count(" ") >= _SPACES) and not _WORDS.isdisjoint(text.split())


def mask_addresses(text: str) -> str:
    """Replace every e-mail address by ``[e-mail]``."""
    if _BRACKET.search(text) is None and not has_spelled_sign(text):
        return text
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
    # "Mention @team" and "4K@ 60" are not addresses: an @ with a space on one side belongs to the other side.
    if sign[0] == "@" and local[0].startswith(" ") != domain[0].startswith(" "):
        return None
    if not _is_domain(domain["names"]):
        return None
    if sign[0] == " at " and not _is_spelled_out(local[0], domain[0]):
        return None
    name = local[0] if '"' in local[0] else local[0].rstrip("!#$'*")
    return sign.start() - len(name), domain.end()


def _is_spelled_out(local: str, domain: str) -> bool:
    """Whether "at" is the sign and not a word, as in the sentence "Sales at Berlin dot com"."""
    if "." in local:
        return True
    return domain[0].islower() and domain.islower() and (" dot " in domain or " punkt " in domain)


def _is_domain(names: str | None) -> bool:
    """Whether it is a host name, an IP address in brackets (None), or a host name with words for dots."""
    if names is None or names.lower() == "localhost":
        return True
    if _PICTURE.match(names):
        return False
    if _BRACKETED_DOT.search(names):
        return True
    _, dot, last = names.rpartition(".")
    return bool(dot) and _TOP_LEVEL.match(last) is not None
