"""JSON as strangers write it: one text or number that is out of order must not cost what stands beside it."""

from __future__ import annotations

import json
import math
import re

import msgspec

from rasa_autoplay.errors import MalformedEvent

__all__ = ["decode_json"]

# Who cuts texts by UTF-16 units, as browsers do, can leave half an emoji at an end.
_SURROGATES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def decode_json(content: bytes | str) -> object:
    """Parse JSON. Half a surrogate pair becomes U+FFFD, a number that no float can hold null.

    Raises:
        MalformedEvent: it is no JSON.
    """
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError, msgspec.DecodeError):
        raw = content if isinstance(content, bytes) else content.encode(errors="replace")
    try:
        return _decode_mended(_SURROGATES.sub(_keep_pairs, raw))
    except (ValueError, RecursionError):  # ValueError: UnicodeDecodeError and JSONDecodeError are such
        raise MalformedEvent("the body is not JSON") from None


def _decode_mended(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return json.loads(content, parse_float=_finite, parse_constant=_finite)


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _keep_pairs(match: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if len(match[0]) == 6 else match[0]
