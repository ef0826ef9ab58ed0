"""Finds what a trigger needs and a source without element ids or failure signals never delivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.events.derived_signals import NEVER_DERIVED

__all__ = ["Unseen", "unseen_by"]

_Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of a trigger's entry that such a source never satisfies.

    Args:
        place: its location in the entry.
        missing: the missing data: ``an element id`` or ``a dead click``.
    """

    place: _Place
    missing: str


def unseen_by(entry: Mapping[str, Any]) -> Iterator[Unseen]:
    """Find the parts of a trigger's entry that such a source never satisfies.

    Args:
        entry: the trigger's entry in ``autoplay.yml``.
    """
    if str(entry.get("builtin")) in NEVER_DERIVED:
        yield Unseen(("builtin",), _named(str(entry["builtin"])))
    if "when" in entry:
        yield from _in_condition(entry["when"], ("when",))
    elif kind := _only_never_derived(entry.get("kind")):
        yield Unseen(("kind",), _named(kind))


def _in_condition(part: object, place: _Place) -> Iterator[Unseen]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = (*place, str(key))
            if key == "element_id":
                yield Unseen(here, "an element id")
            elif key == "kind" and (kind := _only_never_derived(value)):
                yield Unseen(here, _named(kind))
            else:
                yield from _in_condition(value, here)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for number, each in enumerate(part):
            yield from _in_condition(each, (*place, number))


def _only_never_derived(kinds: object) -> str:
    """Return the first kind if none of them is ever derived, else an empty text."""
    listed = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(listed, Sequence) or not listed:
        return ""
    return str(listed[0]) if all(str(kind) in NEVER_DERIVED for kind in listed) else ""


def _named(signal: str) -> str:
    return f"a {signal.replace('_', ' ')}"
