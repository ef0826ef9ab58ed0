"""What browsers could not show of tours, for health and the doctor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any, TypedDict

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["TourProblem", "TourProblems"]

#: Browsers report pages, so the number of rows is bounded.
_MAX_ROWS = 100


class TourProblem(TypedDict):
    """One step that a page cannot show.

    The ``problem`` is ``missing`` (no visible element matches) or ``invalid`` (browsers cannot read the
    selector). ``last_at`` is when a page reported it last, in epoch seconds.
    """

    path: str
    step: str
    selector: str
    page: str
    problem: str
    times: int
    last_at: float


class TourProblems:
    """Counts the steps that pages cannot show, and the tours that cannot start or continue."""

    def __init__(self) -> None:
        #: Number of requests for tours that do not exist.
        self.unknown = 0
        #: By tour: how often a page could not start or continue it.
        self.aborted: Counter[str] = Counter()
        #: In order of the first report.
        self.rows: list[TourProblem] = []
        self._by_key: dict[tuple[str, str, str, str], TourProblem] = {}

    def record(self, path: GoldenPath, step_id: str, problem: str, page: str, now: float) -> None:
        """Count a report; steps that the path does not have are ignored.

        Args:
            path: the tour's golden path.
            step_id: the step.
            problem: ``missing`` or ``invalid``.
            page: canonical URL of the page.
            now: epoch seconds.
        """
        step = next((step for step in path.steps if step.id == step_id), None)
        if step is None:
            return
        key = (path.id, step.id, page, problem)
        row = self._by_key.get(key)
        if row is None:
            if len(self.rows) >= _MAX_ROWS:
                return
            row = TourProblem(
                path=path.id,
                step=step.id,
                selector=", ".join(step.elements),
                page=page,
                problem=problem,
                times=0,
                last_at=now,
            )
            self._by_key[key] = row
            self.rows.append(row)
        row["times"] += 1
        row["last_at"] = now

    def forget(self, path_ids: Collection[str]) -> None:
        """Forget what was counted of these golden paths, because they have changed."""
        for path_id in path_ids:
            self.aborted.pop(path_id, None)
        self._by_key = {key: row for key, row in self._by_key.items() if key[0] not in path_ids}
        self.rows[:] = self._by_key.values()

    def health(self) -> dict[str, Any]:
        """Return the counts."""
        aborted = dict(self.aborted)
        return {"unknown_tours": self.unknown, "tours_aborted": aborted, "tour_problems": self.rows}
