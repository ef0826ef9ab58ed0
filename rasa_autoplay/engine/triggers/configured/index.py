"""Which triggers can these actions make change their mind? The others need not be asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.configured.loader import ConfiguredTrigger
from rasa_autoplay.engine.triggers.interest import ANYTHING
from rasa_autoplay.engine.triggers.remembering import Matcher
from rasa_autoplay.events.models import SlimAction

__all__ = ["TriggerIndex"]

#: Answers kept, about actions' texts and about sets of triggers: both come again and again.
_REMEMBERED = 8192

_Matchers = dict[Callable[[SlimAction], bool], int]


class _TriggerBits(NamedTuple):
    """What an action's texts say: triggers as bits, and names to be remembered."""

    coming: int
    leaving: int
    arriving: int
    names: frozenset[str]


class TriggerIndex:
    """Looks actions up by their texts.

    Args:
        triggers: in order of priority.
    """

    def __init__(self, triggers: Sequence[ConfiguredTrigger]) -> None:
        self._triggers = tuple(triggers)
        interests = [(1 << n, trigger.interest or ANYTHING) for n, trigger in enumerate(triggers)]
        self._always = sum(bit for bit, interest in interests if interest.anything)
        self._of_page = sum(bit for bit, interest in interests if interest.page)
        self._of_workflow = sum(bit for bit, interest in interests if interest.workflow)
        self._of_name = _collected_names(triggers)
        self._of_id = {trigger.id: 1 << n for n, trigger in enumerate(triggers)}
        self._coming = _collected((bit, interest.coming) for bit, interest in interests)
        self._leaving = _collected((bit, interest.leaving) for bit, interest in interests)
        self._arriving = _collected((bit, interest.arriving) for bit, interest in interests)
        self._remembered: dict[str, ActionMatcher] = {}
        #: What somebody else's code wants remembered; it may look at more than texts.
        self.opaque_matchers: list[tuple[ConfiguredTrigger, str, Matcher]] = []
        for trigger in triggers:
            for name, matches in trigger.remembers.items():
                if isinstance(matches, ActionMatcher):
                    self._remembered[name] = matches
                else:
                    self.opaque_matchers.append((trigger, name, matches))
        fields = {field for _, interest in interests for field in interest.fields}
        fields |= {field for matcher in self._remembered.values() for field in matcher.fields}
        self._texts: Callable[[SlimAction], object] = attrgetter(*sorted(fields | {"title"}))
        self._marks: dict[object, _TriggerBits] = {}
        self._chosen: dict[int, tuple[ConfiguredTrigger, ...]] = {}

    def affected_by(
        self,
        came: Iterable[SlimAction],
        left: Iterable[SlimAction] = (),
        also: Collection[str] = (),
        remembered: Collection[str] = (),
        *,
        moved: bool,
        in_workflow: bool = False,
    ) -> Sequence[ConfiguredTrigger]:
        """The triggers that may change their mind, in order of priority.

        Args:
            came: actions that are new.
            left: actions that the window let go of for them.
            also: ids of triggers to be asked whatever came.
            remembered: what is remembered from now on, by name.
            moved: whether the current page, or the order of the pages before, has changed.
            in_workflow: whether the session has begun a golden path.
        """
        bits = self._always
        if moved:
            bits |= self._of_page
        if in_workflow:
            bits |= self._of_workflow
        for action in came:
            marks = self._marks_of(action)
            bits |= marks.coming | marks.arriving if moved else marks.coming
        for action in left:
            bits |= self._marks_of(action).leaving
        for trigger_id in also:
            bits |= self._of_id.get(trigger_id, 0)
        for name in remembered:
            bits |= self._of_name.get(name, 0)
        chosen = self._chosen.get(bits)
        return self._choose(bits) if chosen is None else chosen

    def remembered_of(self, actions: Iterable[SlimAction]) -> frozenset[str]:
        """What rules want remembered of these actions, by name."""
        names: frozenset[str] = frozenset()
        if self._remembered:
            for action in actions:
                names |= self._marks_of(action).names
        return names

    def _marks_of(self, action: SlimAction) -> _TriggerBits:
        texts = self._texts(action)
        marks = self._marks.get(texts)
        if marks is None:
            if len(self._marks) >= _REMEMBERED:
                self._marks.clear()
            names = frozenset(name for name, matcher in self._remembered.items() if matcher(action))
            coming, leaving = _bits(self._coming, action), _bits(self._leaving, action)
            marks = _TriggerBits(coming, leaving, _bits(self._arriving, action), names)
            self._marks[texts] = marks
        return marks

    def _choose(self, bits: int) -> tuple[ConfiguredTrigger, ...]:
        if len(self._chosen) >= _REMEMBERED:
            self._chosen.clear()
        chosen = tuple(trigger for n, trigger in enumerate(self._triggers) if bits >> n & 1)
        self._chosen[bits] = chosen
        return chosen


def _collected(interests: Iterable[tuple[int, Iterable[Callable[[SlimAction], bool]]]]) -> _Matchers:
    matchers: _Matchers = {}
    for bit, wanted in interests:
        for matcher in wanted:
            matchers[matcher] = matchers.get(matcher, 0) | bit
    return matchers


def _collected_names(triggers: Sequence[ConfiguredTrigger]) -> dict[str, int]:
    names: dict[str, int] = {}
    for number, trigger in enumerate(triggers):
        for name in trigger.remembers:
            names[name] = names.get(name, 0) | 1 << number
    return names


def _bits(matchers: _Matchers, action: SlimAction) -> int:
    bits = 0
    for matcher, wanted in matchers.items():
        if matcher(action):
            bits |= wanted
    return bits
