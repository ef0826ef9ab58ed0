"""Which actions are meant? Patterns on some of an action's fields, all of which must fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from rasa_autoplay.engine.matching.patterns import PagePattern, TextPattern
from rasa_autoplay.events.models import SlimAction

__all__ = ["ActionMatcher", "Answers"]

#: By the name in the file, in the order in which they are told: the action's field.
FIELDS: Mapping[str, str] = {
    "title": "title",
    "description": "description",
    "type": "type",
    "element_id": "element_id",
    "signal": "signal",
    "page": "canonical_url",
}

#: Texts come from browsers without end; the answers about the last so many are kept.
_REMEMBERED_TEXTS = 4096

_Part = tuple[Callable[[SlimAction], str], "Answers"]


class Answers(dict[str, bool]):
    """A pattern's answers by text: the same titles and URLs come again and again."""

    __slots__ = ("_pattern",)

    def __init__(self, pattern: TextPattern) -> None:
        super().__init__()
        self._pattern = pattern

    def __missing__(self, text: str) -> bool:
        if len(self) >= _REMEMBERED_TEXTS:
            self.clear()
        answer = self[text] = self._pattern.matches(text)
        return answer


class ActionMatcher:
    """Picks actions.

    Args:
        patterns: by the name of the field, one of ``title``, ``description``, ``type``, ``element_id``,
            ``signal`` and ``page``; without any, every action fits.
    """

    __slots__ = ("_parts", "fields", "text")

    def __init__(self, patterns: Mapping[str, TextPattern | None]) -> None:
        given = [(name, pattern) for name in FIELDS if (pattern := patterns.get(name)) is not None]
        self._parts: tuple[_Part, ...] = tuple(
            (attrgetter(FIELDS[name]), Answers(pattern)) for name, pattern in given
        )
        #: The action's fields that it looks at.
        self.fields = frozenset(FIELDS[name] for name, _ in given)
        self.text = " ".join(_told(name, pattern) for name, pattern in given) or "any action"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionMatcher) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __call__(self, action: SlimAction) -> bool:
        """Whether this action fits."""
        return all(answers[field(action)] for field, answers in self._parts)

    def select(self, actions: Sequence[SlimAction]) -> Sequence[SlimAction]:
        """Those that fit, in the same order."""
        # Nearly every rule looks at one or two fields, and this is the engine's innermost loop.
        if not self._parts:
            return actions
        if len(self._parts) == 1:
            ((field, answers),) = self._parts
            return [action for action in actions if answers[field(action)]]
        if len(self._parts) == 2:
            (field, answers), (other, others) = self._parts
            return [action for action in actions if answers[field(action)] and others[other(action)]]
        return [action for action in actions if self(action)]


def _told(name: str, pattern: TextPattern) -> str:
    return f"on {pattern.text}" if isinstance(pattern, PagePattern) else f"{name} {pattern.text}"
