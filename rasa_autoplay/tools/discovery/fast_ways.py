"""What stands in the place of a repetition: acts that do for many records at once what others do one by one.

Three signs show it. Sessions with the act do not repeat, although by chance many would (Fisher's exact test,
corrected for the number of acts tried). Users select several records right before it. Its name shares a word
with the acts of the repetition, as "Archive" and "Archive all" do. The first sign alone is enough only on the
same page, because sessions with another purpose do not repeat either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns import KINDS, NO_RECORD, OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.cycles import Cycle
from rasa_autoplay.tools.discovery.deliberate import leads_to_page
from rasa_autoplay.tools.discovery.runs import Runs
from rasa_autoplay.tools.discovery.sections import rows_near
from rasa_autoplay.tools.discovery.statistics import fewer_than_chance

__all__ = ["FastWay", "fast_way_of"]

#: Fewer users than this could have clicked by mistake.
_MIN_USERS = 3
_MIN_SESSIONS = 5
#: What more of the sessions use is everyday work on these pages.
_MAX_SHARE = 0.5
#: At most this share of the sessions with the act may repeat, too: users may find it in the middle.
_MAX_BOTH = 0.3
#: The largest probability of chance, after the correction for all acts that were tried; the second one is for
#: acts that share a word with the repetition.
_MAX_CHANCE, _MAX_CHANCE_WITH_WORD = 1e-3, 0.05
#: In this share of its sessions, users select several records before the act.
_MIN_SELECTING = 0.5
#: How far before an act a selection counts (deliberate rows, seconds).
_REACH, _REACH_S = 15, 120.0
#: An act belongs to the fast way if it is in this share of its sessions and not much more frequent.
_IN_MOST, _LIFT = 0.6, 3.0
#: Longer ways are no short cut.
_MAX_ACTS = 6
#: A word in the names of more acts than this tells nothing.
_MAX_SHARING = 5
#: How many times of an act are looked at.
_LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class FastWay:
    """A way to do for many records what others do one by one.

    Args:
        acts: codes in the order of most users.
        took_s: its median duration (seconds).
        chance: the probability of chance.
        is_selecting: whether users select several records before it.
        shares_word: whether its name shares a word with the repetition.
    """

    acts: tuple[int, ...]
    took_s: float
    chance: float
    is_selecting: bool
    shares_word: bool

    def is_certain(self, cycle: Cycle) -> bool:
        """Whether several signs show that it stands in the place of a cycle of clicks."""
        return self.shares_word or (cycle.is_in_place and self.is_selecting and self.chance <= _MAX_CHANCE)


def fast_way_of(columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: Cycle) -> FastWay | None:
    """Return what stands in the place of a cycle, if any session shows it.

    Args:
        columns: the recordings.
        rows: the deliberate rows.
        runs: all runs.
        cycle: the cycle.
    """
    near = rows[rows_near(columns, rows, [columns.acts[code].page for code in cycle.acts])]
    eligible = len(np.unique(columns.session[near]))
    repeating = np.unique(runs.session[cycle.runs])
    sessions = _sessions_of_acts(columns, near, cycle)
    tried = {code: own for code, own in sessions.items() if _can_replace(columns, code, own, eligible)}
    words = _words(columns, cycle.acts) - _usual_words(columns, [*sessions, *cycle.acts])
    pages = {columns.acts[code].page for code in cycle.acts}
    leads = leads_to_page(columns)
    found: list[tuple[bool, bool, float, int]] = []
    for code, own in tried.items():
        both = int(np.isin(own, repeating).sum())
        if both > _MAX_BOTH * len(own):
            continue
        chance = fewer_than_chance(both, len(own), len(repeating), eligible) * len(tried)
        selecting = _selecting(columns, rows, code, cycle, leads) >= _MIN_SELECTING
        shares = bool(words & _words(columns, (code,))) and chance <= _MAX_CHANCE_WITH_WORD
        if selecting or shares or (chance <= _MAX_CHANCE and columns.acts[code].page in pages):
            found.append((not selecting, not shares, min(chance, 1.0), code))
    if not found:
        return None
    first, second, chance, code = min(found)
    acts, took_s = _way(columns, rows, code, sessions)
    shares = not second or bool(words & _words(columns, acts))
    return FastWay(acts, took_s, chance, not first, shares)


def _words(columns: Columns, codes: Sequence[int]) -> set[str]:
    """Return the words in the names of clicks."""
    acts = [columns.acts[code] for code in codes]
    names = [f"{act.label} {act.element_id}" for act in acts if act.type in ("click", "submit")]
    return {word for name in names for word in re.split(r"[\W\d_]+", name.casefold()) if len(word) > 2}


def _usual_words(columns: Columns, codes: Sequence[int]) -> set[str]:
    """Return the words of so many acts that they tell nothing."""
    counts = Counter(word for code in codes for word in _words(columns, (code,)))
    return {word for word, number in counts.items() if number > max(_MAX_SHARING, len(codes) // 10)}


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
    return len(np.unique(columns.user[columns.starts[sessions]])) >= _MIN_USERS


def _selecting(
    columns: Columns, rows: NDArray[np.int64], code: int, cycle: Cycle, leads: NDArray[np.bool_]
) -> float:
    """Return in which share of its times an act follows the selection of several records."""
    places = np.flatnonzero(columns.act[rows] == code)
    places = places[:: max(1, len(places) // _LOOKED_AT)]
    hits = sum(_is_after_selection(columns, rows, int(place), (code, *cycle.acts), leads) for place in places)
    return hits / max(1, len(places))


def _is_after_selection(
    columns: Columns, rows: NDArray[np.int64], place: int, others: Sequence[int], leads: NDArray[np.bool_]
) -> bool:
    row = rows[place]
    before = rows[max(0, place - _REACH) : place]
    near = (columns.session[before] == columns.session[row]) & (
        columns.time[row] - columns.time[before] <= _REACH_S
    )
    clicks = near & (columns.kind[before] == KINDS.index("click")) & (columns.record[before] != NO_RECORD)
    before = before[clicks & ~leads[before] & ~np.isin(columns.act[before], others)]
    records: dict[int, set[int]] = {}
    for act, record in zip(columns.act[before].tolist(), columns.record[before].tolist(), strict=True):
        records.setdefault(act, set()).add(record)
    return any(len(each) >= 2 for each in records.values())


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
    for place in np.flatnonzero(columns.act[rows] == code)[:_LOOKED_AT]:
        row = rows[place]
        around = np.arange(max(0, place - _REACH), min(len(rows), place + _REACH + 1))
        around = around[wanted[around] & (columns.session[rows[around]] == columns.session[row])]
        around = around[np.abs(columns.time[rows[around]] - columns.time[row]) <= _REACH_S]
        for other in dict.fromkeys(columns.act[rows[around]].tolist()):
            nearest = around[columns.act[rows[around]] == other]
            places.setdefault(other, []).append(int(nearest[np.argmin(np.abs(nearest - place))] - place))
        took.append(float(np.ptp(columns.time[rows[around]])))
    order = sorted(places, key=lambda other: (float(np.mean(places[other])), other))
    return tuple(order[:_MAX_ACTS]), float(np.median(took)) if took else 0.0
