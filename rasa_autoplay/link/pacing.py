"""Limits how often the gateway posts: messages that come faster share a post."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Pace"]


class Pace:
    """Allows a number of turns per second; after a quiet time, a burst is allowed.

    Args:
        per_second: turns per second, in the long run.
        burst: how many turns may come at once.
        clock: monotonic seconds.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._interval_s = 1.0 / per_second
        self._allowance_s = (burst - 1) * self._interval_s
        self._clock = clock
        #: When the next turn is due at an even pace.
        self._due = 0.0

    def wait_s(self) -> float:
        """Reserve the next turn, and return how many seconds to wait for it."""
        now = self._clock()
        due = max(self._due, now)
        self._due = due + self._interval_s
        return max(0.0, due - self._allowance_s - now)
