"""Runs: the same act on one record after the other, in one session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import NO_RECORD, OTHER_ACT, Columns

__all__ = ["MAX_CYCLE", "MIN_RECORDS", "Runs", "find_runs"]

#: Fewer records one after the other are everyday work: people do change two or three things.
MIN_RECORDS = 4
#: More acts than this between two of the same are not a short cycle.
MAX_CYCLE = 14
#: A longer pause ends a run (seconds): the user did something else.
_MAX_PAUSE_S = 600.0
#: More acts than this for each record are a conversation or a player, not one change of each record.
_MAX_PER_RECORD = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Runs of acts; arrays have one value for each run, sorted by act, then by place.

    Args:
        act: act codes.
        session: session codes.
        first: the place of the first act among the deliberate rows.
        last: the place of the last one.
        records: how many different records.
        link_run: the run of each link, which is a pair of neighbouring acts of a run.
        link_from: the place of a link's first act.
        link_to: the place of its second act.
    """

    act: NDArray[np.int32]
    session: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    records: NDArray[np.int64]
    link_run: NDArray[np.int64]
    link_from: NDArray[np.int64]
    link_to: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.act)


def find_runs(columns: Columns, rows: NDArray[np.int64]) -> Runs:
    """Find all runs of at least :data:`MIN_RECORDS` different records.

    Args:
        columns: the recordings.
        rows: the deliberate rows.
    """
    kept = np.flatnonzero((columns.record[rows] != NO_RECORD) & (columns.act[rows] != OTHER_ACT))
    key = columns.session[rows[kept]].astype(np.int64) * len(columns.acts) + columns.act[rows[kept]]
    places = kept[np.argsort(key, kind="stable")]  # by act within each session, in order of time
    at = rows[places]
    act, session, record, time = (
        column[at] for column in (columns.act, columns.session, columns.record, columns.time)
    )
    linked = (
        (session[1:] == session[:-1])
        & (act[1:] == act[:-1])
        & (np.diff(places) <= MAX_CYCLE)
        & (np.diff(time) <= _MAX_PAUSE_S)
    )
    begins = np.concatenate(([True], ~linked)) if len(at) else np.zeros(0, bool)
    run = np.cumsum(begins) - 1
    number = int(run[-1]) + 1 if len(run) else 0
    acts = np.bincount(run, minlength=number)
    records = _different(run, record, number)
    good = (records >= MIN_RECORDS) & (acts <= _MAX_PER_RECORD * records)
    code = np.cumsum(good) - 1
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(at)) - 1 if number else starts
    links = np.flatnonzero(linked & good[run[1:]]) if number else np.zeros(0, np.int64)
    found = Runs(
        act[starts][good],
        session[starts][good],
        places[starts][good],
        places[ends][good],
        records[good],
        code[run[links]],
        places[links],
        places[links + 1],
    )
    return _by_act(found)


def _different(run: NDArray[np.int64], record: NDArray[np.uint32], number: int) -> NDArray[np.int64]:
    """Return the number of different records of each run."""
    pairs = np.unique((run.astype(np.uint64) << np.uint64(32)) | record)
    return np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=number)


def _by_act(runs: Runs) -> Runs:
    order = np.lexsort((runs.first, runs.act))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return Runs(
        runs.act[order],
        runs.session[order],
        runs.first[order],
        runs.last[order],
        runs.records[order],
        place[runs.link_run],
        runs.link_from,
        runs.link_to,
    )
