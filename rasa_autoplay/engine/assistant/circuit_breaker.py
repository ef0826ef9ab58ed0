"""A circuit breaker: what fails again and again is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["CircuitBreaker"]

FAILURES = 5
OPEN_S = 120.0


class CircuitBreaker:
    """Closed it lets all through; after some failures in a row it is open for a while, then tries with one.

    Args:
        clock: seconds that never go back.
        failures: so many in a row open it.
        open_s: for so long.
    """

    def __init__(self, clock: Callable[[], float], failures: int = FAILURES, open_s: float = OPEN_S) -> None:
        self._clock = clock
        self._allowed = failures
        self._open_s = open_s
        self._failures = 0
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing may pass now."""
        return self._open_until is not None and self._clock() < self._open_until

    def enter(self) -> bool:
        """Whether this one may pass; when the time is up, one may, and the others wait for how it fares."""
        if self._open_until is None:
            return True
        if self._clock() < self._open_until:
            return False
        self._open_until = self._clock() + self._open_s
        return True

    def succeeded(self) -> None:
        """It works: all may pass."""
        self._failures = 0
        self._open_until = None

    def failed(self) -> None:
        """Once more it did not work."""
        self._failures += 1
        if self._failures >= self._allowed:
            self._open_until = self._clock() + self._open_s
