"""``failure`` with ``per: workflow``: a number of failure signals in a row in one workflow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile

from rasa_autoplay.engine.knowledge.user_progress import ActionKey, WorkflowFailures
from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.matching.patterns import PagePattern, TextPattern
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import PAGE, WORKFLOW
from rasa_autoplay.engine.triggers.rules.base import Condition, on_added, on_evicted
from rasa_autoplay.engine.triggers.rules.formatting import failures_words, lasting, seconds
from rasa_autoplay.engine.triggers.rules.view import LEAVES_AFTER_S, RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["FailureInWorkflow"]

_NO_FAILURES: Mapping[str, WorkflowFailures] = {}


class FailureInWorkflow(Condition):
    """A number of failure signals in a row in one workflow, on whatever pages.

    Failures outside of all workflows count together, since the user came to the current page.

    Args:
        kinds: the signals to count.
        at_least: the number required.
        within_s: how far to look back, in seconds.
        page: only failures on these pages count; None for all.
    """

    def __init__(
        self, kinds: Collection[str], at_least: int, within_s: float, page: PagePattern | None
    ) -> None:
        where = f" on {page.text}" if page else ""
        signal = ActionMatcher({"signal": TextPattern([{"exact": kind} for kind in sorted(kinds)])})
        super().__init__(
            f"failure {at_least} × {' or '.join(sorted(kinds))}{where} in one workflow "
            f"within {seconds(within_s)}",
            f"{failures_words(kinds, at_least)}{where} in one workflow within {lasting(within_s)}",
            # A late step can move an earlier failure into its workflow, or end a row.
            on_added(signal) | WORKFLOW,
            interest_in_end=on_evicted(signal) | PAGE | WORKFLOW,
        )
        self._signal, self._at_least, self._within_s, self._page = signal, at_least, within_s, page

    def _rows(self, view: RuleView) -> dict[str, Sequence[SlimAction]]:
        """Return the failures in a row by workflow, newest first; those in no workflow have the empty id.

        Silenced workflows are left out.
        """
        # Fast path: most sessions have no failures.
        if not view.has_failures:
            return {}
        known = view.workflow_progress.failures if view.workflow_progress is not None else _NO_FAILURES
        recent = list(reversed(view.within(self._within_s)))
        failures = [a for a in self._signal.select(recent) if self._is_meant(a)]
        rows: dict[str, Sequence[SlimAction]] = {
            path_id: [a for a in failures if _key(a) in found.in_a_row]
            for path_id, found in known.items()
            if path_id not in view.silenced
        }
        placed = frozenset[ActionKey]().union(*(found.in_a_row | found.before for found in known.values()))
        here = view.page
        if here in view.silenced:
            return rows
        stay = takewhile(lambda a: a.canonical_url in ("", here), recent)
        kept = {id(a) for a in failures}
        return {**rows, "": [a for a in stay if id(a) in kept and _key(a) not in placed]}

    def _is_meant(self, action: SlimAction) -> bool:
        return self._page is None or self._page.matches(action.canonical_url)

    def _longest(self, view: RuleView) -> tuple[str, Sequence[SlimAction]]:
        """Return the workflow with most failures in a row; among equals, a workflow before the empty id."""
        rows = self._rows(view)
        return max(rows.items(), key=lambda item: (len(item[1]), bool(item[0])), default=("", ()))

    def holds(self, view: RuleView) -> bool:
        """Whether one workflow has enough failures in a row."""
        return len(self._longest(view)[1]) >= self._at_least

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the oldest failure that is still needed leaves the window."""
        rows = [row for row in self._rows(view).values() if len(row) >= self._at_least]
        ends = [row[self._at_least - 1].timestamp_start for row in rows]
        return max(ends) + self._within_s + LEAVES_AFTER_S

    def workflow_id(self, view: RuleView) -> str:
        """Return the workflow's id; empty if this session has finished it: nothing is left to explain."""
        path_id, row = self._longest(view)
        if len(row) < self._at_least or view.workflow_progress is None:
            return ""
        position = view.workflow_progress.positions.get(path_id)
        return "" if position is not None and position.finished else path_id

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``1 of 3 failures in a row in export``."""
        path_id, row = self._longest(view)
        where = f" in {path_id}" if path_id else " in no workflow" if row else ""
        finding = f"{len(row)} of {self._at_least} failures in a row{where}"
        return self.make_result(view, finding, len(row), self._at_least)


def _key(action: SlimAction) -> ActionKey:
    return (action.timestamp_start, action.index, action.title)
