"""What must nobody read? Personal data and secrets in texts and URLs, replaced by their kind.

Whatever a source delivers passes here before it is kept, logged or shown to a language model:

=================  =====================================================================================
``[e-mail]``       an e-mail address
``[card]``  13 to 19 digits that pass the Luhn check
``[number]``       a telephone number, or another number of more than eight digits
``[token]``        an API key, a JWT, a hash, a licence key: letters and digits at random
``[id]``           a UUID, which may be a key as well as a name
``[secret]``       the value of a parameter that is called ``password``, ``token``, ``code``, …
``[typed]``        the value of a parameter in which search fields put what was typed
=================  =====================================================================================

Labels stay as they are: project keys (``P-1042``), dates, years, prices, versions, small numbers. What is
masked is recognised by its form alone; a password that looks like a word is not. That is why nothing is read
from where users type. Masking twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from urllib.parse import quote, unquote

__all__ = ["mask_text", "mask_url", "visible"]

# Control characters, zero-width and bidirectional marks (they make a text read as another, and could hide an
# address from the masks), and the private-use area, where icon fonts live.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ue000-\uf8ff]"
)
#: Invisible as well, but words of some scripts and many emoji need them.
_JOINERS = re.compile("[\u200c\u200d]")

#: Whatever is masked has one of these. Most texts have none, and this look is all that they cost.
_SUSPECT = re.compile(r"[@＠=%\d]")
#: Keys, tokens and UUIDs are long; what _DIGITS judges has this many digits.
_LONG = re.compile(r"[!-~]{12}")
_MANY_DIGITS = re.compile(r"\d(?:[^\d\w]{0,3}\d){6}")

_EMAIL = re.compile(r"[\w.+\-]{1,64}(?:@|＠|%40)[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}")
_SENSITIVE = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_\-]?key|key|auth|authorization|bearer|code|otp|pin|cvv|cvc"
    r"|ssn|sig|signature|session(?:[_\-]?id)?|sid|jwt|credentials?|nonce"
)
_ASSIGNED = re.compile(rf"(?i)(?<![a-z])({_SENSITIVE})=([^\s&;#]+)")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+(?=\S*\d)[\w\-.~+/=]{12,}")
_UUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
)
#: How the keys of well-known services begin.
_KEY = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:sk|pk|rk)[-_](?=[\w\-]*\d)(?:live_|test_|proj-|ant-)?[0-9A-Za-z]{12}|gh[oprsu]_\w{12}"
    r"|github_pat_\w{12}|glpat-[\w\-]{12}|xox[abeoprs]-[\w\-]{8}|A[KS]IA[0-9A-Z]{12}|AIza[\w\-]{16}|ya29\.[\w\-]{8}"
    r"|SG\.[\w\-]{12}|npm_\w{16}|hf_\w{16}|ph[cx]_\w{12}|whsec_\w{12}|shp(?:at|ss)_\w{12}|dop_v1_\w{12}|eyJ[\w\-]{8})"
    r"[\w\-.+/=~]*"
)
_RUN = re.compile(r"[0-9A-Za-z+/=_~.\-]{16,}")
_PIECE = re.compile(r"[0-9A-Za-z]+")
#: What a camelCase name is made of.
_WORD = re.compile(r"[0-9]+|[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_NUMBER = re.compile(r"[0-9]+")

_GAP = r"[\s()./\-\u2010-\u2015\u2212]{0,2}"
#: Dates and rows of years, which are kept, or eight and more digits, which are judged.
_DIGITS = re.compile(
    r"(?<!\d)(?<!\d[./\-])(?:(?:19|20)\d\d([./\-])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    r"|\d{1,2}([./\- ])\d{1,2}\2(?:19|20)\d\d|\d{1,2}([./\-])\d{1,2}\3\d\d"
    r"|(?:19|20)\d\d(?:[\s/\-\u2013](?:19|20)\d\d)+)(?![./\-]?\d)"
    rf"|(?<!\d)(?<!\d\.)(?P<number>(?:\+|\(\+?(?=\d{{1,5}}\)))?\d(?:{_GAP}\d){{7,}})"
)
_CURRENCY = re.compile(r"[$£¥€]|EUR|USD|GBP|CHF|JPY", re.IGNORECASE)
_DOTTED_PHONE = re.compile(r"\d{3}\.\d{3}\.\d{4}|\d\d(?:\.\d\d){3,}|0\d{2,4}\.[\d.]+")
_PAIRS = re.compile(r"\d\d(?:[ \-]\d\d){3}")

_MAX_ROUNDS = 8

_SECRET_PARAMETER = re.compile(rf"(?i)(?:.*[_\-.\[])?(?:{_SENSITIVE})\]?")
_TYPED_PARAMETER = re.compile(r"(?i)(?:.*[_\-.\[])?(?:q|query|search|s|terms?|keywords?|text|filter)\]?")
_URL_PARTS = re.compile(r"([/?#&;])")
#: Scheme, user and password, host.
_ORIGIN = re.compile(r"((?:[A-Za-z][A-Za-z0-9+.\-]*:)?//)(?:[^/?#]*@)?([^/?#@]*)")
#: The shortest address has more.
_TOO_SHORT = 6


def visible(text: str) -> str:
    """The text without characters that nobody sees."""
    return text if text.isprintable() else _INVISIBLE.sub("", text)


def mask_text(text: str) -> str:
    """Mask a text that people read, or a DOM id.

    Args:
        text: of any length; the cost grows with it.

    Returns:
        The text without invisible characters; the very same where there is nothing to mask.
    """
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
        bare = _JOINERS.sub("", text)
        masked = _settled(bare, _mask)
        return text if masked == bare else masked
    return text if _SUSPECT.search(text) is None else _settled(text, _mask)


def _settled(text: str, mask: Callable[[str], str]) -> str:
    """Mask until nothing changes: what stood glued to one secret may be seen as another once it is gone."""
    for _ in range(_MAX_ROUNDS):
        masked = mask(text)
        if masked == text:
            break
        text = masked
    return text


def _mask(text: str) -> str:
    if "@" in text or "＠" in text or "%40" in text:
        text = _EMAIL.sub("[e-mail]", text)
    if "=" in text:
        text = _ASSIGNED.sub(r"\1=[secret]", text)
    if _LONG.search(text) is not None:
        if text.count("-") >= 4:
            text = _UUID.sub("[id]", text)
        if " " in text:
            text = _BEARER.sub(r"\1 [token]", text)
        text = _RUN.sub(_mask_run, _KEY.sub("[token]", text))
    return _DIGITS.sub(_mask_digits, text) if _MANY_DIGITS.search(text) is not None else text


def mask_url(url: str) -> str:
    """Mask a URL, part by part: each may be percent-encoded, and some parameters are secret by their name.

    Args:
        url: absolute or relative, or junk.

    Returns:
        The URL, where ``[…]`` stands for what was masked; user and password before the host go.
    """
    if not url.isprintable():
        url = _INVISIBLE.sub("", url)
    if _SUSPECT.search(url) is None:
        return url
    match = _ORIGIN.match(url)
    if match is None:
        return _settled(url, _mask_parts)
    # A host is nobody's secret.
    rest = url[match.end() :]
    return match[1] + match[2] + (_settled(rest, _mask_parts) if _SUSPECT.search(rest) else rest)


def _mask_parts(url: str) -> str:
    return "".join(
        _mask_parameter(part) if "=" in part else _mask_component(part) for part in _URL_PARTS.split(url)
    )


def _mask_parameter(parameter: str) -> str:
    name, _, value = parameter.partition("=")
    name = _mask_component(name)
    plain = unquote(name)
    if value and _SECRET_PARAMETER.fullmatch(plain):
        return f"{name}=[secret]"
    if value and _TYPED_PARAMETER.fullmatch(plain):
        return f"{name}=[typed]"
    return f"{name}={_mask_component(value)}"


def _mask_component(part: str) -> str:
    if len(part) < _TOO_SHORT or _SUSPECT.search(part) is None:
        return part
    # A link that travelled in another's query is encoded twice.
    plain = unquote(unquote(part)) if "%" in part else part
    masked = mask_text(plain)
    if masked == plain and "+" in plain:
        masked = mask_text(plain := plain.replace("+", " "))
    return part if masked == plain else quote(masked, safe="[]:,")


def _mask_run(match: re.Match[str]) -> str:
    pieces = _PIECE.findall(match[0])
    mixed = [piece for piece in pieces if not piece.isdigit() and not piece.isalpha()]
    if not mixed:
        return match[0]
    is_token = any(len(piece) >= 16 and _is_random(piece) for piece in mixed)
    # Four or five characters, a dash, and so on: a licence key.
    is_token = is_token or sum(len(piece) >= 4 and piece.isupper() for piece in mixed) >= 3
    # And base64, which its own signs cut to pieces.
    return "[token]" if is_token or _words_per_char("".join(pieces)) >= 0.3 else match[0]


def _is_random(piece: str) -> bool:
    """Are letters and digits mixed as in no name made of words?"""
    few = 2 if len(piece) >= 24 or piece.isupper() else 3
    return len(_NUMBER.findall(piece)) >= few or _words_per_char(piece) >= (0.2 if len(piece) >= 32 else 0.3)


def _words_per_char(text: str) -> float:
    return len(_WORD.findall(text)) / len(text)


def _mask_digits(match: re.Match[str]) -> str:
    number = match["number"]
    if number is None:
        return match[0]
    digits = [int(char) for char in number if char.isdigit()]
    if 13 <= len(digits) <= 19 and _passes_luhn(digits):
        return "[card]"
    before, after = match.string[: match.start()], match.string[match.end() :]
    return number if _is_harmless(number, len(digits), before, after) else "[number]"


def _is_harmless(number: str, count: int, before: str, after: str) -> bool:
    """Is it a price, a version, a reference, a row of page numbers, or short?"""
    if "+" in number:
        return False
    if count <= 8:
        is_local_phone = number.startswith("0") and not number.isdigit() and "." not in number
        return not (is_local_phone or _PAIRS.fullmatch(number))
    if count < 13 and (before[-1:].isalpha() or after[:1].isalpha()):
        return True  # a part of a name; what is random in it is a token
    if before[-1:] in ("-", "#") and count <= 12 and (before[-1] == "#" or before[-2:-1].isalpha()):
        return True
    if _CURRENCY.search(before[-4:]) or _CURRENCY.search(after[:4]):
        return True
    if not re.search(r"[^\d.]", number) and "." in number:
        return _DOTTED_PHONE.fullmatch(number) is None
    groups = [int(group) for group in re.findall(r"\d+", number)]
    return len(groups) > 4 and all(b - a == 1 for a, b in pairwise(groups))


def _passes_luhn(digits: Sequence[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
