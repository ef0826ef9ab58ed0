"""Whether runs can be chance: who clicks much on one page meets many records there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import KINDS, Columns
from rasa_autoplay.tools.discovery.repetition.cycles import Cycle
from rasa_autoplay.tools.discovery.repetition.record_runs import MIN_RECORDS, Runs
from rasa_autoplay.tools.discovery.repetition.sections import rows_near

__all__ = ["is_in_bursts", "is_more_than_chance", "share_of_sessions"]

#: There must be so many times as many runs as by chance.
_MIN_LIFT = 4.0
#: Clicks come in bursts if this share of them is in runs, and other sessions have so few of them for each
#: view of the page.
_MIN_IN_RUNS, _MAX_USUAL = 0.4, 0.3


def is_more_than_chance(columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: Cycle) -> bool:
    """Whether there are many more runs of a cycle than if its main act came at random moments.

    The pause between two acts of a run is that of nine of ten pauses.

    Args:
        columns: the recordings.
        rows: the deliberate rows.
        runs: all runs.
        cycle: the cycle.
    """
    near = rows[rows_near(columns, rows, cycle.pages)]
    sessions = np.unique(columns.session[near])
    in_sessions = np.zeros(len(columns.sessions), bool)
    in_sessions[sessions] = True
    eligible = rows[in_sessions[columns.session[rows]]]
    in_runs = int(runs.records[cycle.runs].sum())
    outside = max(0, int((columns.act[eligible] == cycle.main).sum()) - in_runs)
    rate = min(0.5, outside / max(1, len(eligible)))
    links = np.isin(runs.link_run, cycle.runs)
    gap = float(np.percentile(runs.link_to[links] - runs.link_from[links], 90))
    again = 1 - (1 - rate) ** gap
    expected = outside * again ** (MIN_RECORDS - 1)
    return bool(len(cycle.runs) >= _MIN_LIFT * expected)


def share_of_sessions(columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: Cycle) -> float:
    """Return the share of the sessions in a cycle's section of the app that repeat it."""
    near = rows[rows_near(columns, rows, cycle.pages)]
    return len(np.unique(runs.session[cycle.runs])) / max(1, len(np.unique(columns.session[near])))


def is_in_bursts(columns: Columns, runs: Runs, cycle: Cycle) -> bool:
    """Whether users come to do much of a click at once, and seldom do it when they view its page otherwise.

    "Back" and "Add to cart" are clicked by most who view the page; that is how the page is used.

    Args:
        columns: the recordings.
        runs: all runs.
        cycle: the cycle.
    """
    page = columns.pages.index(columns.acts[cycle.main].page)
    repeating = np.zeros(len(columns.sessions), bool)
    repeating[runs.session[cycle.runs]] = True
    elsewhere = ~repeating[columns.session]
    times = columns.act == cycle.main
    views = (columns.page == page) & (columns.kind == KINDS.index("pageview")) & elsewhere
    in_runs = int(runs.records[cycle.runs].sum())
    usual = int((times & elsewhere).sum())
    return bool(in_runs >= _MIN_IN_RUNS * times.sum() and usual <= _MAX_USUAL * views.sum())
