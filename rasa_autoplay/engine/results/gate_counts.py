"""Counts what became of each fire of a trigger, by day, and stores the sums in the background.

A *fire* is one occasion: it begins when a trigger fires, and has one outcome at any time. A fire that a gate
has stopped or deferred goes on if the trigger still fires when the gate opens; its new outcome replaces the
former one.
A counter is a sum of this engine's run. All runs together give the count, so several engines need no common
counter, and a crash loses only what was not written yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Protocol

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.courtesy.gates import BOUNDARY_GATE
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.results.count_key import CountKey

__all__ = ["CountStore", "GateCounts"]

logger = logging.getLogger(__name__)

#: Counts are written this long after they have changed, in seconds; a killed engine loses no more than that.
_WRITE_AFTER_S = 0.5
_BACKOFF = Backoff(0.5, 5.0)
_DAY_S = 86_400.0


class CountStore(Protocol):
    """Stores the counts of this engine's run."""

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""

    async def save(self, counts: Mapping[CountKey, int]) -> bool:
        """Replace counts with newer ones; True once they are durable."""

    async def close(self) -> None:
        """Finish pending operations, and close the database."""


class GateCounts:
    """Counts decisions; :meth:`decision` is an observer of them.

    Args:
        store: stores the counts of this run.
    """

    def __init__(self, store: CountStore) -> None:
        self._store = store
        self._counts: Counter[CountKey] = Counter()
        self._changed: set[CountKey] = set()
        #: The date of the latest decision, and the same as days since 1970.
        self._day, self._days = "", -1
        #: Counts of days before this date are forgotten.
        self._since = ""
        self._writing: asyncio.Task[None] | None = None

    def decision(self, decision: Decision) -> None:
        """Count a decision."""
        if decision.outcome == "fired":
            return  # it is counted together with its outcome
        if decision.replaced_gate:
            former = "deferred" if decision.replaced_gate == BOUNDARY_GATE else "stopped"
            self._add(decision, former, decision.replaced_gate, -1)
        else:
            self._add(decision, "fired", "", 1)
        self._add(decision, decision.outcome, decision.gate, 1)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_on(), name="autoplay, counts")

    @property
    def is_written(self) -> bool:
        """Whether everything that was counted is durable."""
        return self._writing is None

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""
        return self._store.problem

    async def close(self) -> None:
        """Write what is left, if the database works, and close it."""
        await end_tasks([self._writing])
        if not await self._write():
            logger.warning("The latest counts of gates could not be written.")
        await self._store.close()

    def _add(self, decision: Decision, outcome: str, gate: str, count: int) -> None:
        key = CountKey(self._date(decision.at), decision.trigger_id, decision.variant, outcome, gate)
        self._counts[key] += count
        self._changed.add(key)

    def _date(self, at: float) -> str:
        days = int(at // _DAY_S)
        if days != self._days:
            date = datetime.fromtimestamp(days * _DAY_S, tz=timezone.utc)
            self._days, self._day = days, date.strftime("%Y-%m-%d")
        return self._day

    async def _write_on(self) -> None:
        retry = Retry(_BACKOFF)
        try:
            while self._changed:
                await asyncio.sleep(_WRITE_AFTER_S)
                while not await self._write():
                    await retry.wait()
                retry.succeeded()
        finally:
            self._writing = None

    async def _write(self) -> bool:
        changed, self._changed = self._changed, set()
        if await self._store.save({key: self._counts[key] for key in changed}):
            self._forget_past()
            return True
        self._changed |= changed
        return False

    def _forget_past(self) -> None:
        """Forget the counts of past days, which are written and do not change any more."""
        if self._since < self._day and not self._changed:
            self._counts = Counter({key: n for key, n in self._counts.items() if key.day >= self._day})
            self._since = self._day
