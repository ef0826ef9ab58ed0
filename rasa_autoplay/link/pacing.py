"""How often the gateway posts: what comes faster shares a post."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Pace"]


class Pace:
    """So many turns a second, some of which may come at once after a quiet time.

    Args:
        per_second: turns a second, in the long run.
        burst: so many may come together.
        clock: seconds that never run backwards.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._interval_s = 1.0 / per_second
        self._allowance_s = (burst - 1) * self._interval_s
        self._clock = clock
        #: When the next turn would be due if all came evenly.
        self._due = 0.0

    def wait_s(self) -> float:
        """Take a turn: how long to wait until it has come, seconds."""
        now = self._clock()
        due = max(self._due, now)
        self._due = due + self._interval_s
        return max(0.0, due - self._allowance_s - now)
