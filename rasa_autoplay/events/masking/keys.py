"""Masks keys and tokens: known ones by their prefixes, others because their letters and digits are random."""

from __future__ import annotations

import re

__all__ = ["mask_keys"]

#: Everything that is masked here has at least this length.
_LONG = re.compile(r"[!-~]{12}")
_UUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
)
_PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^\n\-]*(?:\n[^\n\-]+)*")
_BEARER = re.compile(r"\b(bearer|basic)\s{1,3}(?=[\w\-.~+/=]{12})([\w\-.~+/=]+)", re.IGNORECASE)
#: Prefixes of the keys of well-known services.
_KNOWN = re.compile(
    r"(?<![0-9A-Za-z])(?:[spr]k[-_](?:live|test|proj|ant|svcacct|or)[-_]\w{6}|[spr]k-(?=[\w\-]{0,64}\d)[0-9A-Za-z]{12}"
    r"|gh[oprsu]_\w{12}|github_pat_\w{12}|gl(?:pat|ptt|dt|rt)-[\w\-]{12}|xox[abeoprs]-[\w\-]{8}|xapp-[\w\-]{12}"
    r"|A[KS]IA[0-9A-Z]{12}|AIza[\w\-]{16}|ya29\.[\w\-]{8}|SG\.[\w\-]{12}|key-[0-9a-z]{24}|SK[0-9a-f]{30}|AC[0-9a-f]{32}"
    r"|npm_\w{16}|pypi-\w{12}|hf_\w{16}|ph[cx]_\w{12}|whsec_\w{12}|shp(?:at|ca|pa|ss)_\w{12}|do[opr]_v1_\w{12}"
    r"|sq0[a-z]{3}-[\w\-]{12}|EAA[0-9A-Za-z]{20}|lin_api_\w{12}|secret_\w{24}|ntn_\w{20}|pat[A-Za-z0-9]{14}\."
    r"|v(?:ault)?\.?s\.\w{20}|\d{8,10}:AA[\w\-]{20}|(?:ST|TGT|PT)-\d{1,8}-\w|eyJ[\w\-]{8}|PMAK-\w{12}|AGE-SECRET-KEY-\w)"
    r"[\w\-.+/=~]*"
)
#: AWS secret keys: 40 characters of base64, with a digit and many capitals.
_BASE64_KEY = re.compile(
    r"(?<![A-Za-z0-9/+=])(?=[^0-9]{0,39}[0-9])(?=(?:[a-z0-9/+]{0,39}[A-Z]){8})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)
_RUN = re.compile(r"[0-9A-Za-z+/=_~.\-]{16,}")
_PIECE = re.compile(r"[0-9A-Za-z]+")
#: The parts of a camelCase name.
_WORD = re.compile(r"[0-9]+|[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NUMBER = re.compile(r"[0-9]+")
_VOWEL = re.compile(r"[aeiouyAEIOUY]")
_VERSION = re.compile(r"v?\d{1,4}(?:\.\d{1,8}){1,3}(?:[\-+.][0-9A-Za-z]{1,10}){0,6}")


def mask_keys(text: str) -> str:
    """Replace keys and tokens by ``[token]`` and UUIDs by ``[id]``."""
    if _LONG.search(text) is None:
        return text
    if text.count("-") >= 4:
        text = _UUID.sub("[id]", _PRIVATE_KEY.sub(r"\1 [token]", text))
    if " " in text:
        text = _BEARER.sub(_mask_bearer, text)
    return _RUN.sub(_mask_run, _BASE64_KEY.sub("[token]", _KNOWN.sub("[token]", text)))


def _mask_bearer(match: re.Match[str]) -> str:
    """Mask the value, unless it is a word as in "Basic authentication" and "Bearer certificates"."""
    value = match[2]
    follows_a_name = match.string[max(0, match.start() - 16) : match.start()].rstrip(" :=").lower()
    is_word = value.isalpha() and (value.islower() or value.istitle())
    return match[0] if is_word and not follows_a_name.endswith("authorization") else f"{match[1]} [token]"


def _mask_run(match: re.Match[str]) -> str:
    if _VERSION.fullmatch(match[0]):
        return match[0]
    pieces = _PIECE.findall(match[0])
    if any(len(piece) >= 16 and piece.isalpha() and _is_noise(piece) for piece in pieces):
        return "[token]"
    mixed = [piece for piece in pieces if not piece.isdigit() and not piece.isalpha()]
    if not mixed:
        return match[0]
    is_token = any(len(piece) >= 16 and _is_random(piece) for piece in mixed)
    # A licence key has groups of four or five characters, separated by dashes.
    is_token = is_token or sum(len(piece) >= 4 and piece.isupper() for piece in mixed) >= 3
    # The special characters of base64 split it into short pieces, so all pieces are judged together.
    return "[token]" if is_token or _words_per_char("".join(pieces)) >= 0.3 else match[0]


def _is_random(piece: str) -> bool:
    """Whether letters and digits are mixed at random, unlike in a name made of words."""
    few = 2 if len(piece) >= 24 or piece.isupper() else 3
    return len(_NUMBER.findall(piece)) >= few or _words_per_char(piece) >= (0.2 if len(piece) >= 32 else 0.3)


def _is_noise(letters: str) -> bool:
    """Whether letters are random: capitals at random places, and words without a vowel."""
    words = _WORD.findall(letters)
    without_vowel = sum(_VOWEL.search(word) is None for word in words)
    return len(words) >= 5 and len(words) / len(letters) >= 0.25 and without_vowel / len(words) >= 0.35


def _words_per_char(text: str) -> float:
    return len(_WORD.findall(text)) / len(text)
