"""``count``: a number of matching actions. ``repeat``: a number of actions on the same element."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import action_words, lasting, seconds, times
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["Count", "Repeat"]


class Count(Condition):
    """At least a given number of actions match within a given time.

    Args:
        matcher: the actions to count.
        at_least: the number required.
        within_s: how far to look back, in seconds.
    """

    def __init__(self, matcher: ActionMatcher, at_least: int, within_s: float) -> None:
        super().__init__(
            f"count {at_least} × {matcher.text} within {seconds(within_s)}",
            f"{_at_least(at_least)} within {lasting(within_s)}: {action_words(matcher)}",
            on_added(matcher),
            interest_in_end=on_evicted(matcher),
        )
        self._matcher, self._at_least, self._within_s = matcher, at_least, within_s

    def _found(self, view: RuleView) -> Sequence[SlimAction]:
        return self._matcher.select(view.within(self._within_s))

    def holds(self, view: RuleView) -> bool:
        """Whether there are enough matches."""
        recent = view.within(self._within_s)
        return len(recent) >= self._at_least and len(self._matcher.select(recent)) >= self._at_least

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return a time before which there are not enough matches close enough together."""
        within_s = self._within_s + LEAVES_AFTER_S
        return course.enough(self._matcher, self._at_least, within_s, after, since)

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the oldest match that is still needed leaves the window."""
        return self._found(view)[-self._at_least].timestamp_start + self._within_s + LEAVES_AFTER_S

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``2 of 3; another left the window 14 s ago``."""
        found = self._found(view)
        finding = f"{len(found)} of {self._at_least}"
        left = self._matcher.select(view.evidence)[: -len(found) or None]
        if len(found) < self._at_least and left:
            ago = view.now - (left[-1].timestamp_start + self._within_s)
            finding += f"; another left the window {seconds(ago)} ago"
        return self.make_result(view, finding, len(found), self._at_least)


class Repeat(Condition):
    """At least a given number of actions on one element match within a given time.

    An element is identified by its id, or by the action's title if it has none, together with the page and
    the type of action.

    Args:
        matcher: the actions to count.
        at_least: the number required.
        within_s: how far to look back, in seconds.
    """

    def __init__(self, matcher: ActionMatcher, at_least: int, within_s: float) -> None:
        matching = "" if matcher.text == "any action" else f" ({matcher.text})"
        super().__init__(
            f"repeat {at_least} × on one element{matching} within {seconds(within_s)}",
            f"{_at_least(at_least)} within {lasting(within_s)}, on the same element: {action_words(matcher)}",
            on_added(matcher),
            interest_in_end=on_evicted(matcher),
        )
        self._matcher, self._at_least, self._within_s = matcher, at_least, within_s

    def _longest(self, view: RuleView) -> list[SlimAction]:
        """Return the actions on the most used element; among equals, on the one used last."""
        found = sorted(self._matcher.select(view.within(self._within_s)), key=_element)
        by_element = [list(actions) for _, actions in groupby(found, key=_element)]
        return max(by_element, key=lambda actions: (len(actions), actions[-1].timestamp_start), default=[])

    def holds(self, view: RuleView) -> bool:
        """Whether one element was used often enough."""
        return len(self._longest(view)) >= self._at_least

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return a time before which there are not enough matches, on any elements, close enough together."""
        within_s = self._within_s + LEAVES_AFTER_S
        return course.enough(self._matcher, self._at_least, within_s, after, since)

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the oldest action still needed on the most used element leaves the window."""
        used = self._longest(view)[-self._at_least]
        return used.timestamp_start + self._within_s + LEAVES_AFTER_S

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``2 of 3 on "Click Export"``."""
        used = self._longest(view)
        where = f' on "{used[-1].title}"' if used else ""
        return self.make_result(view, f"{len(used)} of {self._at_least}{where}", len(used), self._at_least)


def _at_least(number: int) -> str:
    return f"at least {times(number)}"


def _element(action: SlimAction) -> tuple[str, str, str]:
    return (action.element_id or f"\0{action.title}", action.canonical_url, action.type)
