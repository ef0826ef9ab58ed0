"""Statistics in which each user counts once, and the tests that decide whether a difference can be chance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["fewer_than_chance", "medians_by_user", "smaller_than_chance"]


def fewer_than_chance(both: int, first: int, second: int, total: int) -> float:
    """Return the probability that two independent sets overlap in so few elements (Fisher's exact test).

    Args:
        both: how many elements are in both sets.
        first: how many are in the first.
        second: how many are in the second.
        total: how many there are.
    """
    least = max(0, first + second - total)
    whole = _log_choose(total, second)
    terms = (
        math.exp(_log_choose(first, k) + _log_choose(total - first, second - k) - whole)
        for k in range(least, both + 1)
    )
    return min(1.0, math.fsum(terms))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def smaller_than_chance(values: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return the probability that values of one distribution are so much smaller than the others.

    The one-sided test of Mann and Whitney, by the normal approximation with ties.
    """
    n, m = len(values), len(others)
    if not n or not m:
        return 1.0
    pooled = np.concatenate((values, others))
    _, group, counts = np.unique(pooled, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    u = float(ranks[group[:n]].sum()) - n * (n + 1) / 2
    ties = float((counts.astype(np.float64) ** 3 - counts).sum())
    size = n + m
    variance = n * m / 12 * (size + 1 - ties / (size * (size - 1)))
    if variance <= 0:
        return 1.0
    return 0.5 * math.erfc(-(u + 0.5 - n * m / 2) / math.sqrt(2 * variance)) if u < n * m / 2 else 1.0


def medians_by_user(values: NDArray[np.float64], user: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the median of each user's values, in the order of user codes."""
    order = np.lexsort((values, user))
    _, begins, times = np.unique(user[order], return_index=True, return_counts=True)
    ordered = values[order]
    medians: NDArray[np.float64] = (ordered[begins + (times - 1) // 2] + ordered[begins + times // 2]) / 2
    return medians
