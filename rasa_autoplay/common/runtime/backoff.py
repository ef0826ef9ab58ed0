"""How long to wait before trying again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

__all__ = ["Backoff", "Retry"]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double with each failure, with a random part, between two limits.

    Without the random part, all clients of a restarted server would reconnect at once.

    Args:
        initial_s: seconds to wait after the first failure.
        max_s: maximum seconds to wait.
    """

    initial_s: float = 0.1
    max_s: float = 2.0

    def __post_init__(self) -> None:
        if self.initial_s <= 0:
            raise ValueError(f"initial_backoff_s must be > 0, got {self.initial_s!r}")
        if self.max_s < self.initial_s:
            raise ValueError("max_backoff_s must be >= initial_backoff_s")

    def wait_s(self, failures: int) -> float:
        """Return the seconds to wait after this many failures in a row (from 1)."""
        doubled = min(self.initial_s * 2.0 ** min(failures - 1, 60), self.max_s)
        longest = min(1.25 * doubled, self.max_s)
        return random.uniform(longest / 1.25, longest)  # noqa: S311 - no secret


class Retry:
    """Counts failures in a row and waits after each.

    Args:
        backoff: how long; by default at most two seconds, for a server of our own.
    """

    def __init__(self, backoff: Backoff = Backoff()) -> None:
        self._backoff = backoff
        self._failures = 0

    def succeeded(self) -> None:
        """Let the next failure count as the first."""
        self._failures = 0

    async def wait(self) -> None:
        """Wait after a failure."""
        self._failures += 1
        await asyncio.sleep(self._backoff.wait_s(self._failures))
