"""``failure``: a number of failure signals in a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.matching.patterns import PagePattern, TextPattern
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import PAGE
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import failures_words, lasting, seconds
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["Failure"]


class Failure(Condition):
    """A number of failure signals in a row since the user came to the page, or to the given pages.

    Args:
        kinds: the signals to count.
        at_least: the number required.
        within_s: how far to look back, in seconds.
        page: the pages; None for the current page only.
    """

    def __init__(
        self, kinds: Collection[str], at_least: int, within_s: float, page: PagePattern | None
    ) -> None:
        where = f" on {page.text}" if page else ""
        names = " or ".join(sorted(kinds))
        # An action on another page between two failures ends the row.
        signal = ActionMatcher({"signal": TextPattern([{"exact": kind} for kind in sorted(kinds)])})
        super().__init__(
            f"failure {at_least} × {names}{where} within {seconds(within_s)}",
            f"{failures_words(kinds, at_least)}{where or ' on one page'} within {lasting(within_s)}",
            on_added(signal),
            interest_in_end=on_evicted(signal) | PAGE,
        )
        self._signal, self._at_least, self._within_s, self._page = signal, at_least, within_s, page

    def _row(self, view: RuleView) -> Sequence[SlimAction]:
        """Return the failures since the user came there, newest first."""
        # Fast path: most sessions have no failures.
        if not view.has_failures:
            return []
        recent, page = view.within(self._within_s), view.page
        there = self._page.matches if self._page else page.__eq__
        stay = takewhile(lambda a: not a.canonical_url or there(a.canonical_url), reversed(recent))
        return self._signal.select(list(stay))

    def holds(self, view: RuleView) -> bool:
        """Whether there are enough failures in a row."""
        return len(self._row(view)) >= self._at_least

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return a time before which there are not enough failures, on any pages, close enough together."""
        within_s = self._within_s + LEAVES_AFTER_S
        return course.enough(self._signal, self._at_least, within_s, after, since)

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the oldest failure that is still needed leaves the window."""
        return self._row(view)[self._at_least - 1].timestamp_start + self._within_s + LEAVES_AFTER_S

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``1 of 3 failures in a row``."""
        failures = len(self._row(view))
        return self.make_result(
            view, f"{failures} of {self._at_least} failures in a row", failures, self._at_least
        )
