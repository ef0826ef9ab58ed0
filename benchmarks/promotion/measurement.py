"""The promotion benchmark as one of all benchmarks."""

from __future__ import annotations

import statistics

from benchmarks.figures import Figure
from benchmarks.promotion.outcomes import outcomes_of, print_table

__all__ = ["SEEDS", "measure"]

SEEDS = tuple(range(1, 13))


async def measure() -> list[Figure]:
    """Run 12 seeds, and print a table of them."""
    found = outcomes_of(SEEDS)
    print_table(found)
    return [
        Figure(
            "promotion: useful triggers live, of 20, mean", statistics.mean(o.useful_live for o in found), ""
        ),
        Figure("promotion: the same, worst seed", min(o.useful_live for o in found), ""),
        Figure(
            "promotion: harmful triggers beyond ghost at the end",
            sum(o.harmful_beyond_ghost for o in found),
            "",
            exactly=0,
        ),
        Figure(
            "promotion: decisions that the logs do not give again",
            sum(len(o.different) for o in found),
            "",
            exactly=0,
        ),
    ]
