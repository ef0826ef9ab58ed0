"""What stands in the place of a repetition: acts that do for many records at once what others do one by one.

Three signs show it. Sessions with the act do not repeat, although by chance many would (Fisher's exact test,
corrected for the number of acts tried). Users select several records right before it, and do not do the act
of the repetition in these sessions at all. Its name shares a word with the acts of the repetition, as
"Archive" and "Archive all" do, and something like "Select all" prepares it, or its sessions do not do the act
of the repetition at all. The first sign alone is not enough, because sessions with another purpose do not
repeat either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import KINDS, NO_RECORD, OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.columns.deliberate_rows import leads_to_page
from rasa_autoplay.tools.discovery.columns.nearby_rows import places_of, rows_before
from rasa_autoplay.tools.discovery.findings.statistics import fewer_than_chance
from rasa_autoplay.tools.discovery.repetition.cycles import Cycle, is_of_rows
from rasa_autoplay.tools.discovery.repetition.record_runs import Runs
from rasa_autoplay.tools.discovery.repetition.sections import rows_near
from rasa_autoplay.tools.discovery.repetition.shared_words import SharedWords

__all__ = ["FastWay", "fast_way_of"]

#: Fewer users than this could have clicked by mistake.
_MIN_USERS = 3
_MIN_SESSIONS = 5
#: What more of the sessions use is everyday work on these pages.
_MAX_SHARE = 0.5
#: What does it at once is seldom done more often than so in a session (mean).
_MAX_TIMES = 1.6
#: At most this share of the sessions with the act may repeat, too: users may find it in the middle.
_MAX_BOTH = 0.3
#: The largest probability of chance, after the correction for all acts that were tried; the second one is for
#: acts that share a word with the repetition.
_MAX_CHANCE, _MAX_CHANCE_WITH_WORD = 1e-3, 0.05
#: The largest probability that sessions with a selection leave out the act of the repetition by chance, after
#: the correction for all acts that follow a selection.
_MAX_CHANCE_OF_SELECTION = 0.01
#: In this share of its sessions, users select several records before the act.
_MIN_SELECTING = 0.5
#: So many ids of one element may be those of records.
_MIN_SELECTABLE = 3
#: How far before an act a selection counts (deliberate rows, seconds).
_REACH, _REACH_S = 15, 120.0
#: An act belongs to the fast way if it is in this share of its sessions and not much more frequent.
_IN_MOST, _LIFT = 0.6, 3.0
#: Longer ways are no short cut.
_MAX_ACTS = 6
#: What prepares an act is at most so many rows before it in this share of its times, and in at most so many
#: times as many sessions.
_PREPARED_BY, _MOSTLY, _SERVES = 4, 0.7, 1.5
#: How many times of an act are looked at.
_LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class FastWay:
    """A way to do for many records what others do one by one.

    Args:
        acts: codes in the order of most users.
        took_s: its median duration (seconds).
        is_instead: whether users select several records before it, and do not do the act of the repetition.
        shares_word: whether its name shares a word with the repetition.
    """

    acts: tuple[int, ...]
    took_s: float
    is_instead: bool
    shares_word: bool

    def is_certain(self, cycle: Cycle) -> bool:
        """Whether several signs show that it stands in the place of a cycle of clicks."""
        # To open one record after the other is to read, which nothing does at once.
        return self.shares_word or (self.is_instead and cycle.acts_on_rows)


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    """An act that may stand in the place of a cycle; the best one is the smallest."""

    is_not_selecting: bool
    is_not_named: bool
    chance: float
    code: int


def fast_way_of(columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: Cycle) -> FastWay | None:
    """Return what stands in the place of a cycle, if any session shows it.

    Args:
        columns: the recordings.
        rows: the deliberate rows.
        runs: all runs.
        cycle: the cycle.
    """
    near = rows[rows_near(columns, rows, cycle.pages)]
    eligible = len(np.unique(columns.session[near]))
    sessions = _sessions_of_acts(columns, near, cycle)
    tried = _tried(columns, cycle, sessions, eligible)
    words = SharedWords(columns, cycle.acts, cycle.pages, tried)
    found = list(_candidates(columns, rows, runs, cycle, tried, words, eligible))
    if not found:
        return None
    best = min(found)
    acts, took_s = _way(columns, rows, best.code, sessions)
    selections = sum(not each.is_not_selecting for each in found)
    is_instead = not best.is_not_selecting and best.chance * selections <= _MAX_CHANCE_OF_SELECTION
    shares = not best.is_not_named or any(words.are_in(act) for act in acts)
    return FastWay(acts, took_s, is_instead, shares)


def _tried(
    columns: Columns, cycle: Cycle, sessions: dict[int, NDArray[np.int64]], eligible: int
) -> dict[int, NDArray[np.int64]]:
    """Return the acts that can stand in the place of a cycle, with their sessions."""
    least = min(page.count(":id") for page in cycle.pages)
    return {
        code: own
        for code, own in sessions.items()
        if columns.acts[code].page.count(":id") <= least and _can_replace(columns, code, own, eligible)
    }


def _candidates(
    columns: Columns,
    rows: NDArray[np.int64],
    runs: Runs,
    cycle: Cycle,
    tried: dict[int, NDArray[np.int64]],
    words: SharedWords,
    eligible: int,
) -> Iterator[_Candidate]:
    """Yield the acts that some sign shows to stand in the place of a cycle."""
    repeating = np.unique(runs.session[cycle.runs])
    doing = np.unique(columns.session[columns.rows_of(cycle.main)])
    selectable = _selectable(columns, cycle)
    for code, own in tried.items():
        both = int(np.isin(own, repeating).sum())
        if both > _MAX_BOTH * len(own):
            continue
        here = columns.acts[code].page in cycle.pages
        chance = fewer_than_chance(both, len(own), len(repeating), eligible) * len(tried)
        # Users who do it at once do not do it one by one at all.
        without = fewer_than_chance(int(np.isin(own, doing).sum()), len(own), len(doing), eligible)
        named = words.are_in(code)
        selecting = (here or named) and _selecting(columns, rows, code, selectable) >= _MIN_SELECTING
        prepared = here and _is_prepared(columns, rows, code, tried, cycle.pages)
        if named and not selecting:
            named = prepared or min(chance, without) <= _MAX_CHANCE_WITH_WORD
        if selecting or named or (chance <= _MAX_CHANCE and prepared):
            yield _Candidate(not selecting, not named, min(chance, without), code)


def _sessions_of_acts(
    columns: Columns, near: NDArray[np.int64], cycle: Cycle
) -> dict[int, NDArray[np.int64]]:
    """Return the sessions of each act near a cycle that does not belong to it."""
    number = len(columns.sessions)
    pairs = np.unique(columns.act[near].astype(np.int64) * number + columns.session[near])
    acts, starts = np.unique(pairs // number, return_index=True)
    return {
        int(code): sessions
        for code, sessions in zip(acts, np.split(pairs % number, starts[1:]), strict=True)
        if code != OTHER_ACT and code not in cycle.acts and not columns.acts[code].is_page_view
    }


def _can_replace(columns: Columns, code: int, sessions: NDArray[np.int64], eligible: int) -> bool:
    if columns.acts[code].type == "type" or not _MIN_SESSIONS <= len(sessions) <= _MAX_SHARE * eligible:
        return False
    if is_of_rows(columns, code) or len(columns.rows_of(code)) > _MAX_TIMES * len(sessions):
        return False  # it is on one record, or leads through a list
    return len(np.unique(columns.user[columns.starts[sessions]])) >= _MIN_USERS


def _selectable(columns: Columns, cycle: Cycle) -> NDArray[np.bool_]:
    """Return which rows click a record of a list without opening it, and not as part of a cycle."""
    # A small app has few records, so fewer ids than other acts need are enough.
    of_records = np.array(
        [
            is_of_rows(columns, code) or ("*" in act.element_id and variants >= _MIN_SELECTABLE)
            for code, (act, variants) in enumerate(zip(columns.acts, columns.variants, strict=True))
        ],
        bool,
    )
    of_records[list(cycle.acts)] = False
    chosen: NDArray[np.bool_] = (
        of_records[columns.act]
        & (columns.kind == KINDS.index("click"))
        & (columns.record != NO_RECORD)
        & ~leads_to_page(columns)
    )
    return chosen


def _places(columns: Columns, rows: NDArray[np.int64], code: int) -> NDArray[np.int64]:
    places = places_of(columns, rows, code)
    return places[:: max(1, len(places) // _LOOKED_AT)]


def _selecting(columns: Columns, rows: NDArray[np.int64], code: int, selectable: NDArray[np.bool_]) -> float:
    """Return in which share of its times an act follows the selection of several records."""
    before = rows_before(columns, rows, _places(columns, rows, code), _REACH, _REACH_S)
    hits = 0
    for line in before:
        chosen = line[line >= 0]
        chosen = chosen[selectable[chosen] & (columns.act[chosen] != code)]
        records: dict[int, set[int]] = {}
        for act, record in zip(columns.act[chosen].tolist(), columns.record[chosen].tolist(), strict=True):
            records.setdefault(act, set()).add(record)
        hits += any(len(each) >= 2 for each in records.values())
    return hits / max(1, len(before))


def _is_prepared(
    columns: Columns,
    rows: NDArray[np.int64],
    code: int,
    tried: dict[int, NDArray[np.int64]],
    pages: Collection[str],
) -> bool:
    """Whether a click that serves little else comes before an act on its page, as "Select all" does."""
    before = rows_before(columns, rows, _places(columns, rows, code), _PREPARED_BY, _REACH_S)
    line, _ = np.nonzero(before >= 0)
    pairs = np.unique(line * len(columns.acts) + columns.act[before[before >= 0]])
    often = np.bincount(pairs % len(columns.acts), minlength=len(columns.acts))
    return any(
        other != code
        and other in tried
        and columns.acts[other].page in pages
        and len(tried[other]) <= _SERVES * len(tried[code])
        for other in np.flatnonzero(often >= _MOSTLY * len(before)).tolist()
    )


def _way(
    columns: Columns, rows: NDArray[np.int64], code: int, tried: dict[int, NDArray[np.int64]]
) -> tuple[tuple[int, ...], float]:
    """Return the acts that belong to the fast way, in order, and its median duration in seconds."""
    own = tried[code]
    share = {
        other: len(np.intersect1d(own, sessions)) / len(own)
        for other, sessions in tried.items()
        if len(sessions) <= len(own) * _LIFT
    }
    acts = {other for other, part in share.items() if part >= _IN_MOST} | {code}
    wanted = np.isin(columns.act[rows], sorted(acts))
    places: dict[int, list[int]] = {}
    took: list[float] = []
    for place in places_of(columns, rows, code)[:_LOOKED_AT]:
        row = rows[place]
        around = np.arange(max(0, place - _REACH), min(len(rows), place + _REACH + 1))
        around = around[wanted[around] & (columns.session[rows[around]] == columns.session[row])]
        around = around[np.abs(columns.time[rows[around]] - columns.time[row]) <= _REACH_S]
        for other in dict.fromkeys(columns.act[rows[around]].tolist()):
            own_places = around[columns.act[rows[around]] == other]
            # What is done again afterwards has still led there.
            led = own_places[own_places <= place] if (own_places <= place).any() else own_places
            places.setdefault(other, []).append(int(led[np.argmin(np.abs(led - place))] - place))
        took.append(float(np.ptp(columns.time[rows[around]])))
    order = sorted(places, key=lambda other: (float(np.mean(places[other])), other))
    return tuple(order[:_MAX_ACTS]), float(np.median(took)) if took else 0.0
