"""Finds texts that YAML reads as something else: ``id: 007`` is the number 7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.settings.models import Settings

__all__ = ["misread_texts"]

_Location = tuple[str | int, ...]


def misread_texts(model: type[Settings], data: object) -> Iterator[tuple[_Location, str]]:
    """Yield the location of each such value, and what YAML reads it as.

    A whole number without leading zeros is no problem: as a text, it is what was written.

    Args:
        model: the model of the data.
        data: plain data, as YAML reads it.
    """
    if not isinstance(data, Mapping):
        return
    for field in model.__fields__.values():
        value = data.get(field.alias)
        inner = field.type_
        for place, each in _each((field.alias,), value):
            if isinstance(inner, type) and issubclass(inner, str) and (kind := _kind(each)):
                yield place, kind
            elif isinstance(inner, type) and issubclass(inner, Settings):
                yield from ((place + more, kind) for more, kind in misread_texts(inner, each))


def _each(place: _Location, value: object) -> Iterator[tuple[_Location, object]]:
    if isinstance(value, list):
        yield from (((*place, number), each) for number, each in enumerate(value))
    else:
        yield place, value


def _kind(value: Any) -> str:
    """What a value is that should be a text; empty if it is one, or looks the same as a text."""
    if value is None or isinstance(value, (str, list, Mapping)) or type(value) is int:
        return ""
    if isinstance(value, bool):
        return "a truth value"
    return f"the number {value}" if isinstance(value, (int, float)) else "a date"
