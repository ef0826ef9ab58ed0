"""Finds the triggers that new actions can affect, so that the others are not evaluated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import Matcher
from rasa_autoplay.engine.triggers.interest import ANYTHING
from rasa_autoplay.events.models import SlimAction

__all__ = ["TriggerIndex"]

#: Size of the caches by actions' texts and by sets of triggers: both occur again and again.
_MAX_CACHED = 8192

_Matchers = dict[Callable[[SlimAction], bool], int]


class _TriggerBits(NamedTuple):
    """The triggers that an action affects, as bits, and the names to remember for it."""

    added: int
    evicted: int
    on_navigation: int
    names: frozenset[str]


class TriggerIndex:
    """Looks up the triggers that an action affects, by the action's texts.

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
        self._added = _collected((bit, interest.added) for bit, interest in interests)
        self._evicted = _collected((bit, interest.evicted) for bit, interest in interests)
        self._on_navigation = _collected((bit, interest.on_navigation) for bit, interest in interests)
        self._remembered: dict[str, ActionMatcher] = {}
        #: Matchers of custom triggers; they may read more than texts.
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
        """Return the triggers that may be affected, in order of priority.

        Args:
            came: new actions.
            left: actions that the window dropped.
            also: ids of triggers to evaluate in any case.
            remembered: names that are remembered from now on.
            moved: whether the current page, or the order of earlier pages, has changed.
            in_workflow: whether the session has begun a golden path.
        """
        bits = self._always
        if moved:
            bits |= self._of_page
        if in_workflow:
            bits |= self._of_workflow
        for action in came:
            marks = self._marks_of(action)
            bits |= marks.added | marks.on_navigation if moved else marks.added
        for action in left:
            bits |= self._marks_of(action).evicted
        for trigger_id in also:
            bits |= self._of_id.get(trigger_id, 0)
        for name in remembered:
            bits |= self._of_name.get(name, 0)
        chosen = self._chosen.get(bits)
        return self._choose(bits) if chosen is None else chosen

    def remembered_of(self, actions: Iterable[SlimAction]) -> frozenset[str]:
        """Return the names that rules want remembered for these actions."""
        names: frozenset[str] = frozenset()
        if self._remembered:
            for action in actions:
                names |= self._marks_of(action).names
        return names

    def remembered_among(self, actions: Sequence[SlimAction], known: Collection[str]) -> frozenset[str]:
        """Return the names that rules want remembered for many actions, and that are not known yet."""
        return frozenset(
            name
            for name, matcher in self._remembered.items()
            if name not in known and matcher.select(actions)
        )

    def _marks_of(self, action: SlimAction) -> _TriggerBits:
        texts = self._texts(action)
        marks = self._marks.get(texts)
        if marks is None:
            if len(self._marks) >= _MAX_CACHED:
                self._marks.clear()
            names = frozenset(name for name, matcher in self._remembered.items() if matcher(action))
            added, evicted = _bits(self._added, action), _bits(self._evicted, action)
            marks = _TriggerBits(added, evicted, _bits(self._on_navigation, action), names)
            self._marks[texts] = marks
        return marks

    def _choose(self, bits: int) -> tuple[ConfiguredTrigger, ...]:
        if len(self._chosen) >= _MAX_CACHED:
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
