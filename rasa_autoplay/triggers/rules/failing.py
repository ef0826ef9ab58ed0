"""``failure``: so many failure signals in a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.triggers.explanation import ConditionVerdict
from rasa_autoplay.triggers.interest import ANYTHING
from rasa_autoplay.triggers.rules.base import Condition
from rasa_autoplay.triggers.rules.patterns import PagePattern
from rasa_autoplay.triggers.rules.view import LEAVES_AFTER_S, RuleView
from rasa_autoplay.triggers.rules.words import seconds

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
        # What lies between two failures can end the row.
        super().__init__(f"failure {at_least} × {told}{where} within {seconds(within_s)}", ANYTHING)
        self._kinds, self._at_least, self._within_s, self._page = (
            frozenset(kinds),
            at_least,
            within_s,
            page,
        )

    def _row(self, view: RuleView) -> Sequence[SlimAction]:
        """The failures since the user came there, newest first."""
        recent = view.within(self._within_s)
        # Most sessions fail at nothing.
        if not any(action.signal in self._kinds for action in recent):
            return []
        page = view.page
        there = self._page.matches if self._page else page.__eq__
        stay = takewhile(lambda a: not a.canonical_url or there(a.canonical_url), reversed(recent))
        return [action for action in stay if action.signal in self._kinds]

    def holds(self, view: RuleView) -> bool:
        """Whether there were enough."""
        return len(self._row(view)) >= self._at_least

    def falls_at(self, view: RuleView) -> float | None:
        """When the last that is needed leaves the window."""
        return self._row(view)[self._at_least - 1].timestamp_start + self._within_s + LEAVES_AFTER_S

    def verdict(self, view: RuleView) -> ConditionVerdict:
        """``1 of 3 failures``."""
        failures = len(self._row(view))
        return self.told(view, f"{failures} of {self._at_least} failures in a row", failures, self._at_least)
