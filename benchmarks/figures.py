"""A measured number and its target."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Figure", "latency_figures", "percentile"]


@dataclass(frozen=True)
class Figure:
    """One number of one run.

    Args:
        name: what was measured; the same in every run.
        value: the number.
        unit: the number's unit.
        below: the target that the number must stay below; None without one.
        exactly: the target that the number must equal; None without one.
    """

    name: str
    value: float
    unit: str
    below: float | None = None
    exactly: float | None = None

    @property
    def target(self) -> str:
        """The target as text; empty when there is none."""
        if self.exactly is not None:
            return f"{self.exactly:g}"
        return "" if self.below is None else f"< {self.below:g}"

    def is_met_by(self, value: float) -> bool | None:
        """Return whether a value meets the target; None without one."""
        if self.exactly is not None:
            return value == self.exactly
        return None if self.below is None else value < self.below


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share (0 to 1) of all does not exceed (nearest rank)."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def latency_figures(name: str, seconds: Sequence[float], *, targets: bool) -> list[Figure]:
    """Return median, p90, p99 and maximum in milliseconds.

    Args:
        name: what was measured.
        seconds: one value per user.
        targets: whether the targets for toast latency apply.
    """
    ms = [value * 1000 for value in seconds]
    return [
        Figure(f"{name}, p50", statistics.median(ms), "ms", below=8 if targets else None),
        Figure(f"{name}, p90", percentile(ms, 0.9), "ms"),
        Figure(f"{name}, p99", percentile(ms, 0.99), "ms", below=40 if targets else None),
        Figure(f"{name}, max", max(ms), "ms"),
    ]
