"""Matches actions by patterns on their fields; all patterns must match."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from rasa_autoplay.engine.matching.patterns import PagePattern, TextPattern
from rasa_autoplay.events.models import SlimAction

__all__ = ["ActionMatcher", "MatchCache"]

#: Field of the action by its name in the file, in the order used in texts.
FIELDS: Mapping[str, str] = {
    "title": "title",
    "description": "description",
    "type": "type",
    "element_id": "element_id",
    "signal": "signal",
    "page": "canonical_url",
}

#: Browsers send ever new texts, so the cache is bounded (number of texts).
_MAX_TEXTS = 4096

_Part = tuple[Callable[[SlimAction], str], "MatchCache"]


class MatchCache(dict[str, bool]):
    """Caches whether a pattern matches a text: the same titles and URLs occur again and again."""

    __slots__ = ("_pattern",)

    def __init__(self, pattern: TextPattern) -> None:
        super().__init__()
        self._pattern = pattern

    def __missing__(self, text: str) -> bool:
        if len(self) >= _MAX_TEXTS:
            self.clear()
        matched = self[text] = self._pattern.matches(text)
        return matched


class ActionMatcher:
    """Matches actions.

    Args:
        patterns: by the name of the field: ``title``, ``description``, ``type``, ``element_id``, ``signal``
            or ``page``; without any pattern, every action matches.
    """

    __slots__ = ("_parts", "fields", "text")

    def __init__(self, patterns: Mapping[str, TextPattern | None]) -> None:
        given = [(name, pattern) for name in FIELDS if (pattern := patterns.get(name)) is not None]
        self._parts: tuple[_Part, ...] = tuple(
            (attrgetter(FIELDS[name]), MatchCache(pattern)) for name, pattern in given
        )
        #: The fields of an action that it reads.
        self.fields = frozenset(FIELDS[name] for name, _ in given)
        self.text = " ".join(_described(name, pattern) for name, pattern in given) or "any action"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionMatcher) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __call__(self, action: SlimAction) -> bool:
        """Whether this action matches."""
        return all(matches[field(action)] for field, matches in self._parts)

    def select(self, actions: Sequence[SlimAction]) -> Sequence[SlimAction]:
        """Return the matching actions, in the same order."""
        # This is the engine's innermost loop, and nearly every rule reads one or two fields.
        if not self._parts:
            return actions
        if len(self._parts) == 1:
            ((field, matches),) = self._parts
            return [action for action in actions if matches[field(action)]]
        if len(self._parts) == 2:
            (field, matches), (other, other_matches) = self._parts
            return [action for action in actions if matches[field(action)] and other_matches[other(action)]]
        return [action for action in actions if self(action)]


def _described(name: str, pattern: TextPattern) -> str:
    return f"on {pattern.text}" if isinstance(pattern, PagePattern) else f"{name} {pattern.text}"
