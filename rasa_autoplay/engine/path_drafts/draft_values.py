"""Checks the values of a draft before anything else reads them: a stranger may have sent it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

__all__ = ["MAX_STEPS", "BadValue", "Location", "bad_values"]

MAX_STEPS = 100
_MAX_TEXT, _MAX_KEY, _MAX_DEPTH, _MAX_VALUES = 4_000, 64, 8, 20_000

Location = tuple["str | int", ...]
#: The place of a value, what is wrong with it, and the remedy.
BadValue = tuple[Location, str, str]


def bad_values(draft: Mapping[str, object]) -> Iterator[BadValue]:
    """Return the values that cannot stand in a golden path's file."""
    steps = draft.get("steps")
    if isinstance(steps, list) and len(steps) > MAX_STEPS:
        yield ("steps",), f"more than {MAX_STEPS} steps", "Split the path into several."
        return
    for number, (location, value) in enumerate(_values(draft, ())):
        if number >= _MAX_VALUES:
            yield (), "too many values", "Remove what does not belong to a golden path."
            return
        if len(location) > _MAX_DEPTH:
            yield location[:3], "nested too deeply", "Remove what does not belong to a golden path."
            return
        if found := _problem(value):
            yield location, *found


def _problem(value: object) -> tuple[str, str] | None:
    if isinstance(value, float) and not math.isfinite(value):
        return "is no number", "Remove it."
    if not isinstance(value, str):
        return None
    if len(value) > _MAX_TEXT:
        return f"longer than {_MAX_TEXT} characters", "Shorten it."
    if "${" in value:
        return "contains ${, with which the file would read a variable of the server", "Write it without ${."
    if any("\ud800" <= char <= "\udfff" for char in value):
        return "contains half a character", "Write it again."
    return None


def _values(value: object, location: Location) -> Iterator[tuple[Location, object]]:
    """Return all keys and scalars with their places."""
    if len(location) > _MAX_DEPTH:
        yield location, None
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*location, key[:_MAX_KEY]), key
            yield from _values(inner, (*location, key[:_MAX_KEY]))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _values(inner, (*location, place))
    else:
        yield location, value
