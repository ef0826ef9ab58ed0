"""Decodes JSON from untrusted sources: one invalid value must not cost the rest."""

from __future__ import annotations

import functools
import json
import math
import re

import msgspec

from rasa_autoplay.errors import MalformedEvent

__all__ = ["decode_json"]

# Programs that cut texts by UTF-16 units, such as browsers, can leave half an emoji at an end.
_SURROGATES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
#: If a parser fails on nested values, those deeper than this become null.
_MAX_DEPTH = 100
#: Finding the depth of this many brackets takes about 50 ms; more would block the event loop for too long.
_MAX_BRACKETS = 20_000
#: Matches up to the next bracket outside a string, in linear time. It does not understand escapes.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]+|"[^"]*")*')
#: Longer integers become null, because Python needs quadratic time to read them.
_MAX_DIGITS = 400


def decode_json(content: bytes | str) -> object:
    """Decode as much of a JSON text as possible.

    Lone surrogates and bytes that are not UTF-8 become U+FFFD. Numbers beyond the range of a float, and
    values nested too deeply for the parser, become null.

    Raises:
        MalformedEvent: the content is not JSON.
    """
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError, msgspec.DecodeError):
        raw = content if isinstance(content, bytes) else content.encode(errors="replace")
    try:
        return _decode_repaired(_SURROGATES.sub(_keep_pairs, raw).decode("utf-8", "replace").encode())
    except (ValueError, RecursionError):  # JSONDecodeError is a ValueError
        raise MalformedEvent("the body is not JSON") from None


def _decode_repaired(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except RecursionError:
        content = _without_deep_values(content)
    except msgspec.DecodeError:
        pass  # a number out of range, or not JSON
    return _decode_large_numbers(content)


def _decode_large_numbers(content: bytes) -> object:
    try:
        return _loads(content)
    except RecursionError:
        return _loads(_without_deep_values(content))


def _without_deep_values(content: bytes) -> bytes:
    """Replace every value that is nested too deeply by null."""
    if sum(map(content.count, (b"[", b"{"))) > _MAX_BRACKETS:
        raise MalformedEvent("the body is not JSON that can be read: it is nested too deeply")
    kept: list[bytes] = []
    depth = kept_from = position = 0
    plain = content.replace(rb"\\", b"__").replace(rb"\"", b"__")  # same length, so positions stay valid
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
        else:  # a string without its end
            break
        position += 1
    return b"".join((*kept, content[kept_from:]))


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _short(number: str) -> int | None:
    return int(number) if len(number) <= _MAX_DIGITS else None


# Not strict: control characters in strings do no harm.
_loads = functools.partial(
    json.loads, parse_float=_finite, parse_constant=_finite, parse_int=_short, strict=False
)


def _keep_pairs(match: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if len(match[0]) == 6 else match[0]
