"""Writes JSON with indentation, as ``json.dumps(…, indent=2)`` does, in a fraction of the time.

Python's own encoder with indentation is not compiled. Most of a report are objects of texts and numbers,
whose members the compiled encoder can separate by line breaks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["indented_json"]

_INDENT = "  "
_SCALARS = frozenset({bool, float, int, str, type(None)})


def indented_json(value: Any, outer: str = "") -> str:
    """Return what ``json.dumps(value, indent=2, ensure_ascii=False)`` returns.

    Args:
        value: what JSON can express; the names of members are texts.
        outer: the indentation of the line in which the value begins.
    """
    if not isinstance(value, dict | list | tuple) or not value:
        return _encoder("")(value)
    inner = outer + _INDENT
    members = value.values() if isinstance(value, dict) else value
    if _SCALARS.issuperset(map(type, members)):
        text = _encoder(inner)(value)
        return f"{text[0]}\n{inner}{text[1:-1]}\n{outer}{text[-1]}"
    separator = f",\n{inner}"
    if not isinstance(value, dict):
        return f"[\n{inner}{separator.join(indented_json(each, inner) for each in value)}\n{outer}]"
    named = (f"{_encoder('')(name)}: {indented_json(each, inner)}" for name, each in value.items())
    return f"{{\n{inner}{separator.join(named)}\n{outer}}}"


@lru_cache(maxsize=64)
def _encoder(inner: str) -> Callable[[Any], str]:
    return json.JSONEncoder(ensure_ascii=False, separators=(f",\n{inner}", ": ")).encode
