"""``sequence``: given actions in a given order."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import reduce

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import NOTHING, Interest
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import action_words, lasting, seconds
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["ActionSequence"]


class ActionSequence(Condition):
    """Each step has a matching action, in order, all within a given time.

    Other actions may come in between. One action counts for one step at most.

    Args:
        steps: a matcher for each step.
        within_s: how far to look back, in seconds.
    """

    def __init__(self, steps: Sequence[ActionMatcher], within_s: float) -> None:
        text = ", then ".join(step.text for step in steps)
        come: Interest = reduce(Interest.__or__, map(on_added, steps), NOTHING)
        leave: Interest = reduce(Interest.__or__, map(on_evicted, steps), NOTHING)
        super().__init__(
            f"sequence {text} within {seconds(within_s)}",
            f"in this order within {lasting(within_s)}: {', then '.join(map(action_words, steps))}",
            come,
            interest_in_end=leave,
        )
        self._steps, self._within_s = tuple(steps), within_s

    def _done(self, actions: Sequence[SlimAction]) -> int:
        """Count the steps that were done in order, from the first."""
        done = 0
        for action in actions:
            if self._steps[done](action):
                done += 1
                if done == len(self._steps):
                    break
        return done

    def holds(self, view: RuleView) -> bool:
        """Whether all steps were done in order."""
        return self._done(view.within(self._within_s)) == len(self._steps)

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return a time before which the steps were not done in order, whatever the time between them."""
        if not course.shows(*self._steps):
            return since
        times = course.times
        seen_since = since - self._within_s - LEAVES_AFTER_S
        first = max(bisect_right(times, after), bisect_left(times, seen_since))
        done = 0
        for action in course.actions[first:]:
            if self._steps[done](action):
                done += 1
                if done == len(self._steps):
                    return max(since, action.timestamp_start)
        return math.inf

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the first step of the latest run leaves the window."""
        missing = len(self._steps)
        for action in reversed(view.within(self._within_s)):
            if self._steps[missing - 1](action):
                missing -= 1
                if not missing:
                    return action.timestamp_start + self._within_s + LEAVES_AFTER_S
        return None

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``1 of 2 steps; needs title "b" next``."""
        done = self._done(view.within(self._within_s))
        finding = f"{done} of {len(self._steps)} steps"
        if done < len(self._steps):
            finding += f"; needs {self._steps[done].text} next"
        return self.make_result(view, finding, done, len(self._steps))
