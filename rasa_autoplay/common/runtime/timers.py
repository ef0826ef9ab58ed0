"""What depends on time alone is scheduled, not polled."""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

__all__ = ["TimeSlice", "TimerKey", "Timers", "wait_with_timeout"]

#: A kind and what it is about: a session's key, an offer's id.
TimerKey = tuple[str, Any]

logger = logging.getLogger(__name__)

#: Even a timer that is far away is looked at this often: the wall clock may be set while we sleep.
_LONGEST_SLEEP_S = 30.0
_LONGEST_TURN_S = 0.005


class Timers:
    """One pending time per key; the latest wish counts.

    Args:
        clock: epoch seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due: dict[TimerKey, float] = {}
        self._heap: list[tuple[float, int, TimerKey]] = []
        self._numbers = count()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: TimerKey, due: float | None) -> None:
        """Wake ``key`` at ``due`` (epoch seconds) and at no other time; None cancels."""
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

    def set_sooner(self, key: TimerKey, due: float | None) -> None:
        """Wake ``key`` at ``due`` (epoch seconds) at the latest; None changes nothing."""
        pending = self._due.get(key)
        if due is not None and (pending is None or due < pending):
            self.set(key, due)

    def _sweep(self) -> None:
        self._heap = [(due, next(self._numbers), key) for key, due in self._due.items()]
        heapq.heapify(self._heap)

    def next_due(self) -> float | None:
        """When the next key is due, epoch seconds; None when none is pending."""
        heap = self._heap
        while heap and self._due.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def pop_due(self, now: float) -> list[TimerKey]:
        """The keys whose time has come, earliest first; they are no longer pending."""
        keys = []
        while self._heap and self._heap[0][0] <= now:
            due, _, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                keys.append(key)
        return keys

    async def run(self, wake: Callable[[TimerKey], Awaitable[None]]) -> None:
        """Wake keys as their time comes, until cancelled; a failing one does not stop the others."""
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
    """One task's share of the event loop, when it has much to do that never waits."""

    def __init__(self) -> None:
        self._began_at = time.perf_counter()

    async def yield_if_due(self) -> None:
        """Let the others run, if this turn has been long."""
        if time.perf_counter() > self._began_at + _LONGEST_TURN_S:
            await asyncio.sleep(0)
            self._began_at = time.perf_counter()


async def wait_with_timeout(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, at most so long; after that time it is set.

    Unlike ``asyncio.wait_for()``, which up to Python 3.11 swallows a cancellation that comes together with
    the event: then the task would not end, nor whoever waits for its end.
    """
    alarm = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        alarm.cancel()
