"""Runs side by side, with their medians, as a Markdown table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.figures import Figure

__all__ = ["render"]

_VERDICTS = {True: "met", False: "**missed**", None: ""}


def render(runs: Sequence[Sequence[Figure]]) -> str:
    """Return one line per figure: its target, the median of all runs, and each run's value.

    Args:
        runs: each run's figures, the same ones in the same order.
    """
    numbered = [f"run {number}" for number in range(1, len(runs) + 1)]
    head = ["figure", "target", "median", "verdict", *numbered]
    rows = [_row(list(values)) for values in zip(*runs, strict=True)]
    return "\n".join(_line(cells) for cells in [head, ["--"] * len(head), *rows])


def _row(figures: list[Figure]) -> list[str]:
    first = figures[0]
    median = statistics.median(figure.value for figure in figures)
    verdict = _VERDICTS[first.is_met_by(median)]
    return [first.name, first.target, _number(median, first.unit), verdict] + [
        _number(figure.value, "") for figure in figures
    ]


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
    return f"{text} {unit}".strip()


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
