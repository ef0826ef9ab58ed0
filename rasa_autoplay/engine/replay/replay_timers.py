"""Timers of a replay, whose order does not depend on which users are replayed together.

The engine's timers are tidied now and then, which can change the order of those that are due at the same
time. In a replay, timers that are due at the same time follow in the order in which they were set.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from rasa_autoplay.common.runtime.timers import TimerKey, Timers

__all__ = ["ReplayTimers", "Step"]

#: The place of a step in the order in which one process would take all steps: its time; the number of the
#: latest moment of the recording at that time if it comes after that moment, or else -1; how many timers led
#: to it since then; when it was due; and for a timer, the step in which it was set with a number in that
#: step. Tuples of this form compare as the steps follow each other.
Step = tuple[float, int, int, float, tuple[Any, ...]]


class ReplayTimers(Timers):
    """Timers that know the present step, and in which step each timer was set.

    Args:
        clock: epoch seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.step: Step = (-math.inf, -1, 0, -math.inf, ())
        self._sets = count()
        self._foreseen: set[TimerKey] = set()
        #: By key: the step in which its time was set, with a number.
        self._births: dict[TimerKey, tuple[Step, int]] = {}

    def begin_moment(self, at: float, number: int) -> None:
        """Begin the step of a moment of the recording.

        Args:
            at: its time, epoch seconds.
            number: its number among the moments of all processes.
        """
        self.step = (at, number, 0, at, ())

    def set(self, key: TimerKey, due: float | None) -> None:
        """Wake ``key`` at ``due`` (epoch seconds) instead of any earlier setting; None cancels."""
        if due is None:
            self._due.pop(key, None)
            self._births.pop(key, None)
        elif self._due.get(key) != due:
            self._foreseen.discard(key)
            birth = self.step, next(self._sets)
            self._due[key], self._births[key] = due, birth
            heapq.heappush(self._heap, (due, birth, key))
            if len(self._heap) > 64 + 2 * len(self._due):
                self._heap = [entry for entry in self._heap if self._births.get(entry[2]) is entry[1]]
                heapq.heapify(self._heap)

    def foresee(self, key: TimerKey) -> None:
        """Note that a key's time was set in another step than without looking ahead."""
        self._foreseen.add(key)

    def is_foreseen(self, key: TimerKey) -> bool:
        """Whether :meth:`foresee` was called since a key's time was set."""
        return key in self._foreseen

    def clear(self) -> None:
        """Forget all keys."""
        self._due.clear()
        self._foreseen.clear()
        self._births.clear()
        self._heap.clear()

    def next_due(self) -> float | None:
        """When the next key is due, in epoch seconds, or None."""
        heap, births = self._heap, self._births
        while heap and births.get(heap[0][2]) is not heap[0][1]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def take_due(self, now: float, due: float) -> Iterator[TimerKey]:
        """Remove the keys that are due, and yield each as a step of its own, earliest first.

        Args:
            now: epoch seconds.
            due: epoch seconds.
        """
        found: list[tuple[float, Any, TimerKey]] = []
        while self._heap and self._heap[0][0] <= due:
            entry = heapq.heappop(self._heap)
            _, birth, key = entry
            if self._births.get(key) is birth:
                del self._due[key], self._births[key]
                found.append(entry)
        for was_due, birth, key in found:
            at, moment, generation, *_ = birth[0]
            place = (moment, generation + 1) if at == now else (-1, 0)
            self.step = (now, *place, was_due, birth)
            yield key
