"""Picks the examples of a finding: the times that are nearest to the median."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.findings.finding import Example

__all__ = ["MAX_EXAMPLES", "example_of", "examples_of_rows"]

#: A finding has at most so many examples.
MAX_EXAMPLES = 10


def examples_of_rows(
    columns: Columns, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[Example, ...]:
    """Return the times whose duration is nearest to the median.

    Args:
        columns: the recordings.
        first: the first row of each time.
        last: its last row.
    """
    took_s = columns.time[last] - columns.time[first]
    nearest = np.lexsort((first, np.abs(took_s - np.median(took_s))))[:MAX_EXAMPLES]
    return tuple(example_of(columns, int(first[at]), int(last[at])) for at in nearest)


def example_of(columns: Columns, first: int, last: int) -> Example:
    """Return what was done from one row to another as an example."""
    session = columns.sessions[columns.session[first]]
    return Example(session, float(columns.time[first]), float(columns.time[last]))
