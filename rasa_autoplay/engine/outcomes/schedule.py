"""When to try again: eight attempts over a day."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["RETRIES_S", "Schedule"]

#: Seconds from each failed attempt to the next one. There is one attempt more than there are waits.
RETRIES_S = (5.0, 60.0, 600.0, 3_600.0, 3 * 3_600.0, 8 * 3_600.0, 12 * 3_600.0)
#: A receiver may ask for a longer wait, up to this.
_LONGEST_WAIT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """The waits between attempts.

    Args:
        retries_s: seconds after each failed attempt.
        jitter: the random part of each wait; 0.1 for a wait that is up to 10 % shorter or longer.
    """

    retries_s: tuple[float, ...] = RETRIES_S
    jitter: float = 0.1

    @property
    def attempts(self) -> int:
        """How often an outcome is tried."""
        return len(self.retries_s) + 1

    def next_at(self, attempts: int, now: float, not_before: float = 0.0) -> float | None:
        """Return the time of the next attempt, epoch seconds; None if there is none.

        Args:
            attempts: how many have failed.
            now: epoch seconds.
            not_before: the earliest time that the receiver wants, epoch seconds.
        """
        if attempts >= self.attempts:
            return None
        wait_s = self.retries_s[attempts - 1]
        wait_s *= random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311 - no secret
        return max(now + wait_s, min(not_before, now + _LONGEST_WAIT_S))
