"""A circuit breaker: after repeated failures, calls are rejected for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["CircuitBreaker"]

FAILURES = 5
OPEN_S = 120.0


class CircuitBreaker:
    """Lets calls pass until a number of failures in a row; then rejects them for a while, and tests with one.

    Args:
        clock: a monotonic clock, in seconds.
        failures: number of failures in a row that open the breaker.
        open_s: how long it stays open, in seconds.
    """

    def __init__(self, clock: Callable[[], float], failures: int = FAILURES, open_s: float = OPEN_S) -> None:
        self._clock = clock
        self._allowed = failures
        self._open_s = open_s
        self._failures = 0
        self._open_until: float | None = None
        #: Why the last attempt failed, for operators; empty after one that worked.
        self.problem = ""

    @property
    def is_open(self) -> bool:
        """Whether calls are rejected now."""
        return self._open_until is not None and self._clock() < self._open_until

    def enter(self) -> bool:
        """Whether this call may pass; when the breaker's time is up, one test call may pass."""
        if self._open_until is None:
            return True
        if self._clock() < self._open_until:
            return False
        self._open_until = self._clock() + self._open_s
        return True

    def succeeded(self) -> None:
        """Record a success, which closes the breaker."""
        self.problem = ""
        self._failures = 0
        self._open_until = None

    def failed(self, failure: BaseException) -> None:
        """Record a failure."""
        self.problem = _problem_of(failure)
        self._failures += 1
        if self._failures >= self._allowed:
            self._open_until = self._clock() + self._open_s

    def health(self, state: str, counts: Mapping[str, int]) -> dict[str, Any]:
        """Return the state and counts for health, with the remedy if the last attempt failed.

        Args:
            state: the state to report if the last attempt worked.
            counts: the endpoint's counts.
        """
        if not self.problem:
            return {"state": state, **counts}
        pause = " It failed repeatedly, so it gets no requests for a while." if self.is_open else ""
        remedy = f"{self.problem}: check llm in autoplay.yml and OPENAI_API_KEY.{pause}"
        return {"state": "failed", "remedy": remedy, **counts}


def _problem_of(failure: BaseException) -> str:
    """Describe an endpoint's failure without the failure's message, which may contain a key."""
    if isinstance(failure, asyncio.TimeoutError):
        return "the endpoint does not answer in time"
    return f"the endpoint fails ({type(failure).__name__})"
