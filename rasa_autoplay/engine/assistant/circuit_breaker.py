"""A circuit breaker: what fails again and again is left alone for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

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
        #: Why the last attempt failed, for operators; empty after one that worked.
        self.problem = ""

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
        self.problem = ""
        self._failures = 0
        self._open_until = None

    def failed(self, failure: BaseException) -> None:
        """Once more it did not work."""
        self.problem = _problem_of(failure)
        self._failures += 1
        if self._failures >= self._allowed:
            self._open_until = self._clock() + self._open_s

    def health(self, state: str, counts: Mapping[str, int]) -> dict[str, Any]:
        """For health: the state while all is well, what is wrong otherwise, and the counts.

        Args:
            state: while the last attempt worked.
            counts: of the endpoint.
        """
        if not self.problem:
            return {"state": state, **counts}
        pause = " It failed again and again and is left alone for a while." if self.is_open else ""
        remedy = f"{self.problem}: check llm in autoplay.yml and OPENAI_API_KEY.{pause}"
        return {"state": "failed", "remedy": remedy, **counts}


def _problem_of(failure: BaseException) -> str:
    """What is wrong with a model's endpoint, without the failure's own words, which may hold a key."""
    if isinstance(failure, asyncio.TimeoutError):
        return "the endpoint does not answer in time"
    return f"the endpoint fails ({type(failure).__name__})"
