"""``failure``: so many failure signals in a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.matching.patterns import PagePattern, TextPattern
from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.interest import PAGE
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import seconds
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["Failure"]


class Failure(Condition):
    """So many failure signals in a row: since the user came to the page, or to the workflow's pages.

    Args:
        kinds: which signals.
        at_least: how many.
        within_s: how far back.
        page: the workflow's pages; None for the current page alone.
    """

    def __init__(
        self, kinds: Collection[str], at_least: int, within_s: float, page: PagePattern | None
    ) -> None:
        where = f" on {page.text}" if page else ""
        told = " or ".join(sorted(kinds))
        # What lies between two failures can end the row, if it is on another page.
        signal = ActionMatcher({"signal": TextPattern([{"exact": kind} for kind in sorted(kinds)])})
        super().__init__(
            f"failure {at_least} × {told}{where} within {seconds(within_s)}",
            on_added(signal),
            interest_in_end=on_evicted(signal) | PAGE,
        )
        self._signal, self._at_least, self._within_s, self._page = signal, at_least, within_s, page

    def _row(self, view: RuleView) -> Sequence[SlimAction]:
        """The failures since the user came there, newest first."""
        # Most sessions fail at nothing.
        if not view.has_failures:
            return []
        recent, page = view.within(self._within_s), view.page
        there = self._page.matches if self._page else page.__eq__
        stay = takewhile(lambda a: not a.canonical_url or there(a.canonical_url), reversed(recent))
        return self._signal.select(list(stay))

    def holds(self, view: RuleView) -> bool:
        """Whether there were enough."""
        return len(self._row(view)) >= self._at_least

    def becomes_false_at(self, view: RuleView) -> float | None:
        """When the last that is needed leaves the window."""
        return self._row(view)[self._at_least - 1].timestamp_start + self._within_s + LEAVES_AFTER_S

    def verdict(self, view: RuleView) -> ConditionResult:
        """``1 of 3 failures``."""
        failures = len(self._row(view))
        return self.told(view, f"{failures} of {self._at_least} failures in a row", failures, self._at_least)
