"""Finds what a trigger needs and a source never delivers by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.events.source_abilities import SourceAbility

__all__ = ["Unseen", "unseen_by"]

_Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of a trigger's entry that the source never satisfies.

    Args:
        place: its location in the entry.
        missing: the missing data: ``an element id`` or ``a dead click``.
        is_addable: whether the team can add it to what the source sends.
    """

    place: _Place
    missing: str
    is_addable: bool = False


def unseen_by(entry: Mapping[str, Any], ability: SourceAbility) -> Iterator[Unseen]:
    """Find the parts of a trigger's entry that a source never satisfies.

    Args:
        entry: the trigger's entry in ``autoplay.yml``.
        ability: what the source can show.
    """
    if str(entry.get("builtin")) in ability.never_shown:
        yield Unseen(("builtin",), _named(str(entry["builtin"])))
    if "when" in entry:
        yield from _in_condition(entry["when"], ("when",), ability)
    elif kind := _only_never_shown(entry.get("kind"), ability):
        yield Unseen(("kind",), _named(kind))


def _in_condition(part: object, place: _Place, ability: SourceAbility) -> Iterator[Unseen]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = (*place, str(key))
            if key == "element_id":
                if not ability.element_ids:
                    yield Unseen(here, "an element id")
            elif key == "segment" and not ability.user_facts:
                yield from _in_segment(value, here)
            elif key == "kind" and (kind := _only_never_shown(value, ability)):
                yield Unseen(here, _named(kind))
            else:
                yield from _in_condition(value, here, ability)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for number, each in enumerate(part):
            yield from _in_condition(each, (*place, number), ability)


def _in_segment(segment: object, place: _Place) -> Iterator[Unseen]:
    if isinstance(segment, Mapping) and segment.get("properties"):
        yield Unseen((*place, "properties"), "a property of the user", is_addable=True)


def _only_never_shown(kinds: object, ability: SourceAbility) -> str:
    """Return the first kind if none of them is ever shown, else an empty text."""
    listed = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(listed, Sequence) or not listed:
        return ""
    return str(listed[0]) if all(str(kind) in ability.never_shown for kind in listed) else ""


def _named(signal: str) -> str:
    name = signal.replace("_", " ")
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
