"""Signs of trouble after a step: what users do who are stuck, and not those who turn to something else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns

__all__ = ["share_in_trouble"]

#: So many actions around a step are looked at, and so many seconds.
_ACTIONS, _WITHIN_S = 12, 240.0
#: After so long a pause (seconds) within the first few actions, the user was at a loss.
_PAUSE_S, _SOON = 40.0, 4
#: Times that are looked at.
_MAX_TIMES = 300


def share_in_trouble(columns: Columns, rows: NDArray[np.int64]) -> float:
    """Return after which share of these acts the user shows a sign of trouble.

    Signs are: a failure, the same act again, a long pause, going back to a page and away again, and leaving.

    Args:
        columns: the recordings.
        rows: the rows of the acts.
    """
    chosen = rows[:: max(1, len(rows) // _MAX_TIMES)]
    return float(np.mean([_is_in_trouble(columns, int(row)) for row in chosen])) if len(chosen) else 0.0


def _is_in_trouble(columns: Columns, row: int) -> bool:
    near = slice(max(row - _ACTIONS, 0), row + _ACTIONS + 1)
    is_near = (columns.session[near] == columns.session[row]) & (
        np.abs(columns.time[near] - columns.time[row]) <= _WITHIN_S
    )
    rows = np.arange(near.start, near.start + len(is_near))[is_near]
    tried = columns.act[rows] == columns.act[row]
    # Who has tried several times stands at the last of them.
    if (columns.signal[rows[rows >= row]] > 0).any() or tried.sum() > 1:
        return True
    after = rows[rows >= row]
    if len(after) == 1 or (np.diff(columns.time[after])[:_SOON] > _PAUSE_S).any():
        return True
    pages = columns.page[after].tolist()
    visits = [pages[0], *(page for before, page in pairwise(pages) if page != before)]
    return any(visits[at] == visits[at + 2] for at in range(len(visits) - 2))
