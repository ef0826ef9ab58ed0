"""Joins runs of several acts to cycles: open, change and save are done on one record after the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.columns.deliberate_rows import leads_to_page
from rasa_autoplay.tools.discovery.columns.nearby_rows import rows_after
from rasa_autoplay.tools.discovery.repetition.record_runs import Runs

__all__ = ["MIN_USERS", "Cycle", "find_cycles", "is_of_rows"]

#: Acts belong to one cycle if this share of their runs is in the same sessions.
_TOGETHER = 0.5
#: A repetition of fewer users is a habit of these users.
MIN_USERS = 5
#: An act belongs to a cycle if it is between this share of the pairs of the main act.
_IN_MOST = 0.5
#: Elements with fewer different ids than this are tabs, pages of a list, stars or keys: everybody sees the
#: same few.
_MIN_IDS = 15
#: The five most frequent records have at most this share of the times. The first pages of a list have more.
_FEW, _MAX_OF_FEW = 5, 0.5
#: How many pairs of neighbouring acts are looked at.
_LOOKED_AT = 2_000
#: What follows a selection follows it so soon (deliberate rows, seconds).
_SOON, _SOON_S = 4, 120.0
_CHANGING = ("type", "submit")
#: What masking leaves of a long id.
_MASKED = "[id]"


@dataclass(frozen=True, slots=True, eq=False)
class Cycle:
    """A few acts in a row that users repeat on one record after the other.

    Args:
        acts: codes of its acts, in the order of most users; the last one ends the work on a record.
        main: the act that ends the work on a record; its runs are the cycle's.
        runs: the runs of the main act, as indexes.
        changes: whether something is filled in or submitted.
        is_chosen: whether users choose the next record; otherwise the app does.
        leads_back: whether users choose each record on another page than that of the main act.
        acts_on_rows: whether its main act is a button in each row of a list that does more than to open the
            record.
        is_in_place: whether its records are elements of one page, on which users stay.
        is_preparation: whether the runs are the selection of records for another act.
        pages: paths of the pages on which users are between two records.
    """

    acts: tuple[int, ...]
    main: int
    runs: NDArray[np.int64]
    changes: bool
    is_chosen: bool
    leads_back: bool
    acts_on_rows: bool
    is_in_place: bool
    is_preparation: bool
    pages: frozenset[str]


def find_cycles(columns: Columns, rows: NDArray[np.int64], runs: Runs) -> list[Cycle]:
    """Return the cycles that enough users repeat, in the order of their main acts.

    Args:
        columns: the recordings.
        rows: the deliberate rows.
        runs: all runs.
    """
    by_act = {
        int(act): np.flatnonzero(runs.act == act)
        for act in np.unique(runs.act)
        if _is_of_records(columns, int(act))
    }
    by_act = {act: own for act, own in by_act.items() if _users(columns, rows, runs, own) >= MIN_USERS}
    cycles = []
    while by_act:
        seed = max(by_act, key=lambda act: (len(by_act[act]), -act))
        together = [act for act in by_act if _are_together(runs, by_act[seed], by_act[act])]
        main = _main(columns, runs, {act: by_act[act] for act in together})
        cycles.append(_cycle(columns, rows, runs, main, by_act[main]))
        by_act = {act: own for act, own in by_act.items() if act not in together}
    return sorted(cycles, key=lambda cycle: cycle.main)


def _users(columns: Columns, rows: NDArray[np.int64], runs: Runs, own: NDArray[np.int64]) -> int:
    return len(np.unique(columns.user[rows[runs.first[own]]]))


def _is_of_records(columns: Columns, code: int) -> bool:
    """Whether an act is on records, not on tabs, pages of a list, or keys."""
    act = columns.acts[code]
    if act.is_page_view:
        return False
    return not _has_rows(columns, code) or is_of_rows(columns, code)


def is_of_rows(columns: Columns, code: int) -> bool:
    """Whether an act is on the rows of a list, and not on tabs, pages of the list, or keys."""
    if not _has_rows(columns, code):
        return False
    if _MASKED in columns.acts[code].element_id:
        return True  # a long id, of which nothing else is known
    _, times = np.unique(columns.record[columns.rows_of(code)], return_counts=True)
    most = np.sort(times)[-_FEW:].sum()
    return columns.variants[code] >= _MIN_IDS and bool(most <= _MAX_OF_FEW * times.sum())


def _are_together(runs: Runs, seed: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    shared = np.isin(runs.session[other], runs.session[seed])
    back = np.isin(runs.session[seed], runs.session[other])
    return bool(shared.mean() >= _TOGETHER and back.mean() >= _TOGETHER)


def _main(columns: Columns, runs: Runs, together: dict[int, NDArray[np.int64]]) -> int:
    """Return the act that ends the work on a record: in most sessions, its run ends last."""
    ends: dict[int, dict[int, int]] = {}
    for act, own in together.items():
        for session, last in zip(runs.session[own].tolist(), runs.last[own].tolist(), strict=True):
            ends.setdefault(session, {})[act] = last
    latest = Counter(max(last, key=lambda act: last[act]) for last in ends.values())
    clicks = [act for act in together if columns.acts[act].type in ("click", "submit")]
    return max(sorted(clicks or together), key=lambda act: latest[act])


class _Between(NamedTuple):
    """What users do from one record to the next.

    Args:
        number: how many such times there are.
        places: the places of each act among the acts between two records, by its code.
        pages: how often users are on each page, by its code.
        changed: how often something is filled in or submitted.
        chosen: how often the user chooses the next record.
    """

    number: int
    places: dict[int, list[int]]
    pages: Counter[int]
    changed: int
    chosen: int


def _between(
    columns: Columns, rows: NDArray[np.int64], runs: Runs, main: int, own: NDArray[np.int64]
) -> _Between:
    links = np.flatnonzero(np.isin(runs.link_run, own))
    links = links[:: max(1, len(links) // _LOOKED_AT)]
    page = columns.acts[main].page
    places: dict[int, list[int]] = {}
    pages: Counter[int] = Counter()
    changed = chosen = 0
    for link in links:
        first, last = int(runs.link_from[link]), int(runs.link_to[link])
        pages.update(set(columns.page[int(rows[first]) : int(rows[last])].tolist()))
        between = rows[first + 1 : last]
        codes = dict.fromkeys(columns.act[between].tolist())
        for place, code in enumerate(codes):
            places.setdefault(code, []).append(place)
        acts = [columns.acts[code] for code in codes]
        changed += any(act.type in _CHANGING for act in acts)
        leaves = any(act.page != page or act.is_page_view for act in acts)
        chosen += leaves or _is_before_next(columns, between, int(rows[last]))
    return _Between(len(links), places, pages, changed, chosen)


def _cycle(columns: Columns, rows: NDArray[np.int64], runs: Runs, main: int, own: NDArray[np.int64]) -> Cycle:
    between = _between(columns, rows, runs, main, own)
    most = _IN_MOST * max(1, between.number)
    often = {
        code: places for code, places in between.places.items() if code != OTHER_ACT and len(places) >= most
    }
    acts = (*sorted(often, key=lambda code: (float(np.mean(often[code])), code)), main)
    visited = {columns.pages[page] for page, times in between.pages.items() if times >= most}
    has_rows = _has_rows(columns, main)
    leaves = float(leads_to_page(columns)[rows[runs.first[own]]].mean()) >= _IN_MOST
    return Cycle(
        acts=acts,
        main=main,
        runs=own,
        changes=columns.acts[main].type in _CHANGING or between.changed >= most,
        is_chosen=has_rows or between.chosen >= most,
        leads_back=not has_rows and bool(visited - {columns.acts[main].page}),
        acts_on_rows=has_rows and not _opens_records(columns, rows[runs.first[own]]),
        is_in_place=has_rows and not leaves,
        is_preparation=_is_preparation(columns, rows, runs, acts, own),
        pages=frozenset(columns.acts[code].page for code in acts) | visited,
    )


def _opens_records(columns: Columns, rows: NDArray[np.int64]) -> bool:
    """Whether acts lead to the records' own pages, such as ``/projects/:id``."""
    led = rows[leads_to_page(columns)[rows]]
    is_record = np.array([page.endswith(":id") for page in columns.pages], bool)
    return len(led) >= _IN_MOST * len(rows) and float(is_record[columns.page[led + 1]].mean()) >= _IN_MOST


def _is_before_next(columns: Columns, between: NDArray[np.int64], following: int) -> bool:
    """Whether the user did something before the app showed the next record."""
    return bool(len(between)) and bool(columns.record[between[0]] != columns.record[following])


def _has_rows(columns: Columns, code: int) -> bool:
    """Whether the records of an act are elements of its page, so that users choose each."""
    act = columns.acts[code]
    return any(wild in (act.element_id or act.title) for wild in ("*", "…", _MASKED))


def _is_preparation(
    columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: tuple[int, ...], own: NDArray[np.int64]
) -> bool:
    """Whether most runs of a click end in one and the same act, as the selection of several records does."""
    if columns.acts[cycle[-1]].type != "click":
        return False
    after = rows_after(columns, rows, runs.last[own], _SOON, _SOON_S)
    line, _ = np.nonzero(after >= 0)
    acts = columns.act[after[after >= 0]]
    clicks = np.array([act.type == "click" for act in columns.acts])[acts] & ~np.isin(acts, cycle)
    pairs = np.unique(line[clicks] * len(columns.acts) + acts[clicks])
    often = np.bincount(pairs % len(columns.acts), minlength=len(columns.acts))
    sessions = len(np.unique(runs.session[own]))
    for code in np.flatnonzero(often >= _IN_MOST * len(own)):
        elsewhere = np.setdiff1d(columns.session[columns.rows_of(int(code))], runs.session[own])
        if len(elsewhere) <= sessions:
            return True
    return False
