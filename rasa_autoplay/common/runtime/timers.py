"""Timers: work that depends on time alone is scheduled instead of polled."""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

__all__ = ["TimeSlice", "TimerKey", "Timers", "wait_with_timeout"]

#: A kind, and the key of a session or the id of an offer.
TimerKey = tuple[str, Any]

logger = logging.getLogger(__name__)

#: Timers are checked at least this often, because the wall clock may be set while we sleep.
_LONGEST_SLEEP_S = 30.0
_LONGEST_TURN_S = 0.005


class Timers:
    """At most one pending time per key; the latest call counts.

    Args:
        clock: epoch seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due: dict[TimerKey, float] = {}
        #: The time, what orders those that are due at the same time, and the key.
        self._heap: list[tuple[float, Any, TimerKey]] = []
        self._numbers = count()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: TimerKey, due: float | None) -> None:
        """Wake ``key`` at ``due`` (epoch seconds) instead of any earlier setting; None cancels."""
        if due is None:
            self._due.pop(key, None)
            return
        if self._due.get(key) == due:
            return
        self._due[key] = due
        heapq.heappush(self._heap, (due, next(self._numbers), key))
        if len(self._heap) > 64 + 2 * len(self._due):
            self._sweep()
        if self._heap[0][2] == key:
            self._changed.set()

    def due_of(self, key: TimerKey) -> float | None:
        """When a key is due, in epoch seconds, or None."""
        return self._due.get(key)

    def set_sooner(self, key: TimerKey, due: float | None) -> None:
        """Wake ``key`` at ``due`` (epoch seconds) at the latest; None changes nothing."""
        pending = self._due.get(key)
        if due is not None and (pending is None or due < pending):
            self.set(key, due)

    def _sweep(self) -> None:
        self._heap = [(due, next(self._numbers), key) for key, due in self._due.items()]
        heapq.heapify(self._heap)

    def next_due(self) -> float | None:
        """When the next key is due, in epoch seconds, or None."""
        heap = self._heap
        while heap and self._due.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def pop_due(self, now: float) -> list[TimerKey]:
        """Remove and return the keys that are due, earliest first."""
        keys = []
        while self._heap and self._heap[0][0] <= now:
            due, _, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                keys.append(key)
        return keys

    async def run(self, wake: Callable[[TimerKey], Awaitable[None]]) -> None:
        """Wake keys when they are due, until cancelled. A failing callback does not affect others."""
        while True:
            turn = TimeSlice()
            for key in self.pop_due(self._clock()):
                try:
                    await wake(key)
                except Exception:
                    logger.exception("A scheduled check failed.")
                await turn.yield_if_due()
            self._changed.clear()
            await wait_with_timeout(self._changed, self._sleep_s())

    def _sleep_s(self) -> float:
        if not self._heap:
            return _LONGEST_SLEEP_S
        return min(max(self._heap[0][0] - self._clock(), 0.0), _LONGEST_SLEEP_S)


class TimeSlice:
    """Limits how long a task with much work that never waits can block the event loop."""

    def __init__(self) -> None:
        self._began_at = time.perf_counter()

    async def yield_if_due(self) -> None:
        """Let other tasks run if this one has run for 5 ms."""
        if time.perf_counter() > self._began_at + _LONGEST_TURN_S:
            await asyncio.sleep(0)
            self._began_at = time.perf_counter()


async def wait_with_timeout(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, and set it after the given time.

    Up to Python 3.11, ``asyncio.wait_for()`` swallows a cancellation that arrives together with the event.
    The task would then never end, and neither would a task that waits for it.
    """
    alarm = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        alarm.cancel()
