"""A share of few observations, with Wilson's interval."""

from __future__ import annotations

import math

import msgspec

__all__ = ["Share", "share_of"]

#: 95 % of a normal distribution lies within so many standard deviations.
_Z = 1.959964


class Share(msgspec.Struct, frozen=True):
    """A share, from 0 to 1, with its 95 % interval.

    Args:
        count: how often it was so.
        share: of all cases.
        low: the interval's lower end.
        high: its upper end.
    """

    count: int
    share: float
    low: float
    high: float


def share_of(count: int, cases: int, independent: int | None = None) -> Share:
    """Return a share with Wilson's 95 % interval.

    Args:
        count: how often it was so.
        cases: how many cases there are; at least 1.
        independent: how many of them are independent, if not all: cases of one user resemble each other.
    """
    share, n = count / cases, max(min(independent or cases, cases), 1)
    scale = 1 + _Z**2 / n
    middle = (share + _Z**2 / (2 * n)) / scale
    spread = _Z * math.sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2) / scale
    low, high = max(middle - spread, 0.0), min(middle + spread, 1.0)
    return Share(count, round(share, 4), round(low, 4), round(high, 4))
