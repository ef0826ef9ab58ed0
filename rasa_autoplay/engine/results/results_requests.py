"""Answers requests for results. Reading them can take minutes, so they are read once for all who ask."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rasa_autoplay.engine.results.query import ResultsQuery
from rasa_autoplay.engine.results.report import as_json
from rasa_autoplay.engine.results.results import Results, TriggerGoal
from rasa_autoplay.engine.results.since import parse_since
from rasa_autoplay.link.base import EngineRefused

__all__ = ["Reader", "ResultsRequests"]

#: A gateway waits a little longer than this for an answer.
_WAIT_S = 4.0
#: Results are kept for this long after they were read.
_FRESH_S = 30.0
#: Different questions whose answers are kept or being read.
_MOST_QUESTIONS = 8

_Question = tuple[str, str]


class Reader(Protocol):
    """Reads results."""

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""

    async def read(self, query: ResultsQuery) -> Results | None:
        """Return the results; None if they cannot be read."""


class _Reading:
    """One reading of the database.

    Args:
        task: reads.
        clock: epoch seconds.
    """

    def __init__(self, task: asyncio.Task[Results | None], clock: Callable[[], float]) -> None:
        self.task = task
        self._clock = clock
        self._ended_at = math.inf
        task.add_done_callback(self._ended)

    def is_fresh(self, now: float) -> bool:
        """Whether it goes on, or ended a moment ago."""
        return now - self._ended_at < _FRESH_S

    def _ended(self, _task: object) -> None:
        self._ended_at = self._clock()


class ResultsRequests:
    """Reads results for operators, and keeps them for 30 s.

    Args:
        reader: reads the database.
        goals: what the users of each trigger are to reach.
        clock: epoch seconds.
        withheld_tours: returns the suspect steps because of which tours are withheld now.
    """

    def __init__(
        self,
        reader: Reader,
        goals: Mapping[str, TriggerGoal],
        clock: Callable[[], float],
        withheld_tours: Callable[[], list[dict[str, Any]]] = list,
    ) -> None:
        self._reader = reader
        self._withheld_tours = withheld_tours
        self._goals = goals
        self._clock = clock
        self._readings: dict[_Question, _Reading] = {}

    async def find(self, since: str, trigger_id: str) -> dict[str, Any]:
        """Return the results as JSON; see :mod:`.report`. ``tours_withheld`` names suspect steps.

        Args:
            since: see :func:`parse_since`.
            trigger_id: only this trigger; empty for all.

        Raises:
            EngineRefused: ``since`` is wrong, there is no such trigger, the database is not available, or the
                results are still being read.
        """
        done, _ = await asyncio.wait([self._reading(since, trigger_id)], timeout=_WAIT_S)
        if not done:
            raise EngineRefused("unavailable", "the results are still being read", "Ask again in 30 s.")
        results = done.pop().result()
        if results is None:
            self._readings.pop((since, trigger_id), None)
            raise EngineRefused("unavailable", f"the results cannot be read: {self._reader.problem}")
        if trigger_id and trigger_id not in self._goals and not results.triggers:
            raise EngineRefused("not_found", f"there is no trigger {trigger_id[:64]!r}")
        return {**as_json(results), "tours_withheld": self._withheld_tours()}

    def _reading(self, since: str, trigger_id: str) -> asyncio.Task[Results | None]:
        now = self._clock()
        self._readings = {asked: each for asked, each in self._readings.items() if each.is_fresh(now)}
        known = self._readings.get((since, trigger_id))
        if known is not None:
            return known.task
        try:
            period = parse_since(since, now)
        except ValueError as problem:
            raise EngineRefused("invalid", f"'since': {problem}") from None
        if len(self._readings) >= _MOST_QUESTIONS:
            raise EngineRefused("unavailable", "too many different results are being read")
        query = ResultsQuery(now, period.counts, period.comparisons, trigger_id, self._goals)
        task = asyncio.get_running_loop().create_task(self._reader.read(query), name="autoplay, results")
        self._readings[since, trigger_id] = _Reading(task, self._clock)
        return task
