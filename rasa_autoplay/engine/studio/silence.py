"""Answers how often each trigger fired today, and which gates kept it silent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any, Protocol

from rasa_autoplay.engine.results.sql.gate_count_query import TriggerCount
from rasa_autoplay.link.base import EngineRefused

__all__ = ["SilenceRequests"]


class _Reader(Protocol):
    @property
    def problem(self) -> str: ...

    async def read_gates(self, day: str) -> list[TriggerCount] | None: ...


class SilenceRequests:
    """Reads the daily counts of gates of all engines.

    Args:
        reader: reads the database.
        trigger_ids: the configured triggers, in order of priority.
        clock: epoch seconds.
    """

    def __init__(self, reader: _Reader, trigger_ids: Sequence[str], clock: Callable[[], float]) -> None:
        self._reader = reader
        self._trigger_ids = trigger_ids
        self._clock = clock

    async def find(self) -> dict[str, Any]:
        """Return the counts of this UTC day.

        Returns:
            ``{day, triggers}``, in order of priority. A trigger has ``trigger_id``, ``fired``, ``offered``,
            ``withheld``, ``dropped``, and ``gates``: ``{gate, count}``, the largest first, of fires that the
            gate stopped or that still wait for it.

        Raises:
            EngineRefused: the database is not available.
        """
        day = datetime.fromtimestamp(self._clock(), tz=timezone.utc).strftime("%Y-%m-%d")
        counts = await self._reader.read_gates(day)
        if counts is None:
            raise EngineRefused("unavailable", f"the counts cannot be read: {self._reader.problem}")
        found: dict[str, dict[str, Any]] = {each: _nothing(each) for each in self._trigger_ids}
        for trigger_id, outcome, gate, number in counts:
            trigger = found.setdefault(trigger_id, _nothing(trigger_id))
            if gate:
                trigger["gates"].append({"gate": gate, "count": number})
            else:
                trigger[outcome] = trigger.get(outcome, 0) + number
        for trigger in found.values():
            trigger["gates"].sort(key=lambda each: (-each["count"], each["gate"]))
        return {"day": day, "triggers": list(found.values())}


def _nothing(trigger_id: str) -> dict[str, Any]:
    return {
        "trigger_id": trigger_id,
        "fired": 0,
        "offered": 0,
        "withheld": 0,
        "dropped": 0,
        "gates": [],
    }
