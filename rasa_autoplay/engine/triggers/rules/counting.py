"""``count``: so many actions of a kind. ``repeat``: so many on the same element."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import seconds
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["Count", "Repeat"]


class Count(Condition):
    """At least so many matching actions within the last so many seconds.

    Args:
        matcher: which actions.
        at_least: how many.
        within_s: how far back.
    """

    def __init__(self, matcher: ActionMatcher, at_least: int, within_s: float) -> None:
        super().__init__(
            f"count {at_least} × {matcher.text} within {seconds(within_s)}",
            on_added(matcher),
            interest_in_end=on_evicted(matcher),
        )
        self._matcher, self._at_least, self._within_s = matcher, at_least, within_s

    def _found(self, view: RuleView) -> Sequence[SlimAction]:
        return self._matcher.select(view.within(self._within_s))

    def holds(self, view: RuleView) -> bool:
        """Whether there are enough."""
        recent = view.within(self._within_s)
        return len(recent) >= self._at_least and len(self._matcher.select(recent)) >= self._at_least

    def becomes_false_at(self, view: RuleView) -> float | None:
        """When the last that is needed leaves the window."""
        return self._found(view)[-self._at_least].timestamp_start + self._within_s + LEAVES_AFTER_S

    def verdict(self, view: RuleView) -> ConditionResult:
        """``2 of 3; another left the window 14 s ago``."""
        found = self._found(view)
        finding = f"{len(found)} of {self._at_least}"
        left = self._matcher.select(view.evidence)[: -len(found) or None]
        if len(found) < self._at_least and left:
            ago = view.now - (left[-1].timestamp_start + self._within_s)
            finding += f"; another left the window {seconds(ago)} ago"
        return self.told(view, finding, len(found), self._at_least)


class Repeat(Condition):
    """At least so many matching actions on one element within the last so many seconds.

    An element is known by its id, or where it has none by the action's title; on one page, by one type of
    action.

    Args:
        matcher: which actions.
        at_least: how many.
        within_s: how far back.
    """

    def __init__(self, matcher: ActionMatcher, at_least: int, within_s: float) -> None:
        what = "" if matcher.text == "any action" else f" ({matcher.text})"
        super().__init__(
            f"repeat {at_least} × on one element{what} within {seconds(within_s)}",
            on_added(matcher),
            interest_in_end=on_evicted(matcher),
        )
        self._matcher, self._at_least, self._within_s = matcher, at_least, within_s

    def _longest(self, view: RuleView) -> list[SlimAction]:
        """The actions on the element that was used most; of several, the one used last."""
        found = sorted(self._matcher.select(view.within(self._within_s)), key=_element)
        by_element = [list(actions) for _, actions in groupby(found, key=_element)]
        return max(by_element, key=lambda actions: (len(actions), actions[-1].timestamp_start), default=[])

    def holds(self, view: RuleView) -> bool:
        """Whether one element was used often enough."""
        return len(self._longest(view)) >= self._at_least

    def becomes_false_at(self, view: RuleView) -> float | None:
        """At the earliest when the most used element's oldest use that is needed leaves the window."""
        used = self._longest(view)[-self._at_least]
        return used.timestamp_start + self._within_s + LEAVES_AFTER_S

    def verdict(self, view: RuleView) -> ConditionResult:
        """``2 of 3 on "Click Export"``."""
        used = self._longest(view)
        where = f' on "{used[-1].title}"' if used else ""
        return self.told(view, f"{len(used)} of {self._at_least}{where}", len(used), self._at_least)


def _element(action: SlimAction) -> tuple[str, str, str]:
    return (action.element_id or f"\0{action.title}", action.canonical_url, action.type)
