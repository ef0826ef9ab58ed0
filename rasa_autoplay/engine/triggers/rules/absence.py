"""``never``: no such action in the whole session. ``absent``: none within a given time."""

from __future__ import annotations

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import action_words, lasting, seconds
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView

__all__ = ["Absent", "Never"]


class Never(Condition):
    """No action of the whole session matches, whatever its age, and even if an offer has consumed it.

    Args:
        matcher: the actions to look for.
    """

    def __init__(self, matcher: ActionMatcher) -> None:
        # The first match is an event of its own, and later matches change nothing, so there is no interest.
        # The name identifies the matcher, so that triggers with equal matchers share it.
        self._name = f"never {matcher.text}"
        super().__init__(
            self._name,
            f"not once in this session: {action_words(matcher)}",
            remembers={self._name: matcher},
        )
        self._matcher = matcher

    def holds(self, view: RuleView) -> bool:
        """Whether no action matched."""
        remembered = view.remembered
        if remembered is None:
            return not self._matcher.select(view.actions)
        return self._name not in remembered

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``not so far``."""
        return self.make_result(
            view, f"{'not so far' if self.holds(view) else 'happened'}: {self._matcher.text}"
        )


class Absent(Condition):
    """No action within the given time matches; actions that an offer has consumed count too.

    Args:
        matcher: the actions to look for.
        within_s: how far to look back, in seconds.
    """

    def __init__(self, matcher: ActionMatcher, within_s: float) -> None:
        # Another match only postpones the time at which this holds: a running timer finds that out itself.
        super().__init__(
            f"absent {matcher.text} within {seconds(within_s)}",
            f"not once within {lasting(within_s)}: {action_words(matcher)}",
            on_evicted(matcher),
            interest_in_end=on_added(matcher),
        )
        self._matcher, self._within_s = matcher, within_s

    def holds(self, view: RuleView) -> bool:
        """Whether there is no such action."""
        return not self._matcher.select(view.all_within(self._within_s))

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the newest match leaves the window."""
        newest = self._matcher.select(view.all_within(self._within_s))[-1]
        return newest.timestamp_start + self._within_s + LEAVES_AFTER_S

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``title "save" 20 s ago, must be more than 60 s``."""
        found = self._matcher.select(view.all_within(self._within_s))
        if not found:
            return self.make_result(view, f"none within {seconds(self._within_s)}: {self._matcher.text}")
        ago = view.now - found[-1].timestamp_start
        finding = f"{self._matcher.text} {seconds(ago)} ago, must be more than {seconds(self._within_s)}"
        return self.make_result(view, finding, ago, self._within_s)
