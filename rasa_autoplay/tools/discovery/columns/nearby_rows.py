"""Windows of rows around an act: what users do shortly before or after it, in the same session."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns

__all__ = ["places_of", "rows_after", "rows_before"]


def places_of(columns: Columns, rows: NDArray[np.int64], code: int) -> NDArray[np.int64]:
    """Return the places of an act among some rows.

    Args:
        columns: the recordings.
        rows: the rows that count, in order.
        code: the act.
    """
    own = columns.rows_of(code)
    places = np.searchsorted(rows, own)
    inside = places < len(rows)
    found: NDArray[np.int64] = places[inside][rows[places[inside]] == own[inside]]
    return found


def rows_after(
    columns: Columns, rows: NDArray[np.int64], places: NDArray[np.int64], number: int, within_s: float
) -> NDArray[np.int64]:
    """Return the rows after each place: one line for each place, -1 where there is none.

    Args:
        columns: the recordings.
        rows: the rows that count, in order.
        places: places in ``rows``.
        number: how many rows at most.
        within_s: how much later at most (seconds).
    """
    return _rows(columns, rows, places, np.arange(1, number + 1), within_s)


def rows_before(
    columns: Columns, rows: NDArray[np.int64], places: NDArray[np.int64], number: int, within_s: float
) -> NDArray[np.int64]:
    """Return the rows before each place, the nearest first; as :func:`rows_after`."""
    return _rows(columns, rows, places, -np.arange(1, number + 1), within_s)


def _rows(
    columns: Columns,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    steps: NDArray[np.int64],
    within_s: float,
) -> NDArray[np.int64]:
    at = places[:, None] + steps[None, :]
    exists = (at >= 0) & (at < len(rows))
    found = rows[np.clip(at, 0, len(rows) - 1)]
    here = rows[places][:, None]
    near = np.abs(columns.time[found] - columns.time[here]) <= within_s
    kept: NDArray[np.int64] = np.where(
        exists & near & (columns.session[found] == columns.session[here]), found, -1
    )
    return kept
