"""``never``: not in the whole session. ``absent``: not within a while."""

from __future__ import annotations

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import seconds
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView

__all__ = ["Absent", "Never"]


class Never(Condition):
    """No action of the session so far matches, however long ago and whatever offer came since.

    Args:
        matcher: which actions.
    """

    def __init__(self, matcher: ActionMatcher) -> None:
        # What becomes remembered is an event of its own; later ones of the kind change nothing.
        # The name says all that the matcher looks at, so that equal ones of several triggers share it.
        self._name = f"never {matcher.text}"
        super().__init__(self._name, remembers={self._name: matcher})
        self._matcher = matcher

    def holds(self, view: RuleView) -> bool:
        """Whether it was never seen."""
        remembered = view.remembered
        if remembered is None:
            return not self._matcher.select(view.actions)
        return self._name not in remembered

    def verdict(self, view: RuleView) -> ConditionResult:
        """``not so far``."""
        return self.told(view, f"{'not so far' if self.holds(view) else 'happened'}: {self._matcher.text}")


class Absent(Condition):
    """No action of the last so many seconds matches; what an offer has used up counts too.

    Args:
        matcher: which actions.
        within_s: how far back.
    """

    def __init__(self, matcher: ActionMatcher, within_s: float) -> None:
        # One more only puts it off: whoever waits for it already finds that out when the time has come.
        super().__init__(
            f"absent {matcher.text} within {seconds(within_s)}",
            on_evicted(matcher),
            interest_in_end=on_added(matcher),
        )
        self._matcher, self._within_s = matcher, within_s

    def holds(self, view: RuleView) -> bool:
        """Whether there is none."""
        return not self._matcher.select(view.all_within(self._within_s))

    def becomes_true_at(self, view: RuleView) -> float | None:
        """When the newest one leaves the window."""
        newest = self._matcher.select(view.all_within(self._within_s))[-1]
        return newest.timestamp_start + self._within_s + LEAVES_AFTER_S

    def verdict(self, view: RuleView) -> ConditionResult:
        """``seen 20 s ago, must be more than 60 s``."""
        found = self._matcher.select(view.all_within(self._within_s))
        if not found:
            return self.told(view, f"none within {seconds(self._within_s)}: {self._matcher.text}")
        ago = view.now - found[-1].timestamp_start
        finding = f"{self._matcher.text} {seconds(ago)} ago, must be more than {seconds(self._within_s)}"
        return self.told(view, finding, ago, self._within_s)
