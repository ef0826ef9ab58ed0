"""Bootstrap intervals of costs and their differences, by session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Estimate", "mean_of", "paired_difference"]

_SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval.

    Args:
        mean: over all sessions.
        low: the 2.5th percentile of the bootstrap samples.
        high: the 97.5th.
    """

    mean: float
    low: float
    high: float


def mean_of(costs: Sequence[float]) -> Estimate:
    """Estimate the mean cost of a session; the same costs give the same interval."""
    values = np.asarray(costs, dtype=float)
    generator = np.random.default_rng(20260302)
    means = np.array(
        [values[generator.integers(0, len(values), len(values))].mean() for _ in range(_SAMPLES)]
    )
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(values.mean()), float(low), float(high))


def paired_difference(costs: Sequence[float], others: Sequence[float]) -> Estimate:
    """Estimate by how much the mean of ``costs`` exceeds that of ``others``, paired by session."""
    return mean_of([one - other for one, other in zip(costs, others, strict=True)])
