"""Histograms of durations, which cost one bisection for each observation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

__all__ = ["LATENCY_BOUNDS_S", "MODEL_BOUNDS_S", "Histogram"]

#: For everything that a user waits for: from a millisecond to a minute.
LATENCY_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
#: For calls of a language model.
MODEL_BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0, 60.0)


class Histogram:
    """Counts observations by size.

    Args:
        bounds: the upper bounds of its buckets, ascending. The last bucket has no bound.
    """

    __slots__ = ("_bounds", "_counts", "sum")

    def __init__(self, bounds: Sequence[float] = LATENCY_BOUNDS_S) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        #: The sum of all observations.
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value; a negative one counts as 0."""
        if value < 0.0:
            value = 0.0
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def empty(self) -> Histogram:
        """Return a histogram with the same bounds and no observations."""
        return Histogram(self._bounds)

    def add(self, other: Histogram) -> None:
        """Add the observations of a histogram with the same bounds."""
        self._counts = [one + more for one, more in zip(self._counts, other._counts, strict=True)]
        self.sum += other.sum

    def __len__(self) -> int:
        """Return the number of observations."""
        return sum(self._counts)

    def buckets(self) -> Iterator[tuple[str, float]]:
        """Yield each bucket's upper bound as Prometheus writes it, and how many values are at most that."""
        total = 0
        for bound, count in zip(self._bounds, self._counts, strict=False):
            total += count
            yield repr(bound), float(total)
        yield "+Inf", float(total + self._counts[-1])
