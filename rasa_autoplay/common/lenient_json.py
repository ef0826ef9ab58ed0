"""JSON as strangers write it: one value that is out of order must not cost what stands beside it."""

from __future__ import annotations

import functools
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
#: Values that are nested deeper become null, where the parsers give up.
_MAX_DEPTH = 100
#: With more brackets, finding the depth of each would hold up the event loop: this many take about 50 ms.
_MAX_BRACKETS = 20_000
#: Everything up to the next bracket outside of a text. It is linear, and knows no escapes.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]+|"[^"]*")*')
#: Longer integers are no numbers that anybody counts with, and Python takes quadratic time to read them.
_MAX_DIGITS = 400


def decode_json(content: bytes | str) -> object:
    """Parse JSON, as much of it as can be read.

    Half a surrogate pair and bytes that are no UTF-8 become U+FFFD. A number that no float can hold, and a
    value that is nested more than 100 levels deep where the parser gives up, become null.

    Raises:
        MalformedEvent: it is no JSON.
    """
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError, msgspec.DecodeError):
        raw = content if isinstance(content, bytes) else content.encode(errors="replace")
    try:
        return _decode_mended(_SURROGATES.sub(_keep_pairs, raw).decode("utf-8", "replace").encode())
    except (ValueError, RecursionError):  # JSONDecodeError is a ValueError
        raise MalformedEvent("the body is not JSON") from None


def _decode_mended(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except RecursionError:
        content = _without_depths(content)
    except msgspec.DecodeError:
        pass  # a number that is out of order, or nothing that is JSON
    return _decode_strange_numbers(content)


def _decode_strange_numbers(content: bytes) -> object:
    try:
        return _loads(content)
    except RecursionError:
        return _loads(_without_depths(content))


def _without_depths(content: bytes) -> bytes:
    """The same, with null for every value that is nested too deeply."""
    if sum(map(content.count, (b"[", b"{"))) > _MAX_BRACKETS:
        raise MalformedEvent("the body is not JSON that can be read: it is nested too deeply")
    kept: list[bytes] = []
    depth = kept_from = position = 0
    plain = content.replace(rb"\\", b"__").replace(rb"\"", b"__")  # as long as before: places agree
    while (match := _TO_BRACKET.match(plain, position)) and (position := match.end()) < len(plain):
        bracket = content[position : position + 1]
        if bracket in b"[{":
            depth += 1
            if depth == _MAX_DEPTH + 1:
                kept += content[kept_from:position], b"null"
        elif bracket in b"]}":
            if depth == _MAX_DEPTH + 1:
                kept_from = position + 1
            depth -= 1
        else:  # a text without its end
            break
        position += 1
    return b"".join((*kept, content[kept_from:]))


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _short(number: str) -> int | None:
    return int(number) if len(number) <= _MAX_DIGITS else None


# Not strict: a control character in a text costs nobody anything.
_loads = functools.partial(
    json.loads, parse_float=_finite, parse_constant=_finite, parse_int=_short, strict=False
)


def _keep_pairs(match: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if len(match[0]) == 6 else match[0]
