"""What users reach after an act, and what they did before they reached it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import KINDS, OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.columns.nearby_rows import rows_after, rows_before

__all__ = ["Endings", "endings_of", "goals_after", "reached_on_page"]

#: How far after an act its goal may be, and how far back a way to a goal can begin (rows, seconds).
REACH, REACH_S = 15, 600.0
_BACK = 30
#: How many endings are looked at at once, which limits the memory.
_AT_ONCE = 20_000
#: How many times of an act, and rows of a page, are looked at.
_LOOKED_AT = 2_000
#: An act leads to a goal if so large a share of its users reach it, and so much more often than others there.
_MIN_SHARE, _MIN_LIFT = 0.6, 1.2
#: On a page that is made for a goal, the others reach it, too; then it must follow the act nearly always.
_NEARLY_ALWAYS = 0.8
#: Most goals of one act that are tried: those that follow it most.
_MAX_GOALS = 10
#: An act belongs to a way if it precedes so large a share of the endings, so much more often than elsewhere.
_MIN_PART, _MIN_BELONGING = 0.05, 2.0

_NO_GOALS = (KINDS.index("type"), KINDS.index("other"))


@dataclass(frozen=True, slots=True, eq=False)
class Endings:
    """The times that a goal was reached. Arrays have one line for each time.

    Args:
        rows: the rows of the goal.
        before: the acts on the way, the nearest first; -1 where there is none that belongs to it.
        began: the row at which the way began; the goal's row if nothing came before it.
        acts: how many acts the way had.
    """

    rows: NDArray[np.int64]
    before: NDArray[np.int32]
    began: NDArray[np.int64]
    acts: NDArray[np.int64]

    def has(self, code: int) -> NDArray[np.bool_]:
        """Return which ways have an act."""
        found: NDArray[np.bool_] = (self.before == code).any(axis=1)
        return found


def reached_on_page(columns: Columns, everything: NDArray[np.int64], page: int) -> dict[int, float]:
    """Return which acts come soon after what users do on a page, and after which share of it.

    Args:
        columns: the recordings.
        everything: all rows, in order.
        page: the page's code.
    """
    near = np.flatnonzero(columns.page == page)
    return dict(zip(*_reached(columns, everything, _thinned(near)), strict=True))


def goals_after(
    columns: Columns, everything: NDArray[np.int64], code: int, usual: Mapping[int, float]
) -> list[int]:
    """Return what most users reach soon after an act, and others on its page less often.

    Args:
        columns: the recordings.
        everything: all rows, in order.
        code: the act.
        usual: what comes after what others do on its page.
    """
    after = _reached(columns, everything, _thinned(columns.rows_of(code)))
    lifts = [
        (share / max(usual.get(goal, 0.0), 1e-9), -goal)
        for goal, share in zip(*after, strict=True)
        if goal not in (code, OTHER_ACT)
        and (share >= _NEARLY_ALWAYS or share >= max(_MIN_SHARE, _MIN_LIFT * usual.get(goal, 0.0)))
    ]
    return [-goal for _, goal in sorted(lifts, reverse=True)][:_MAX_GOALS]


def _thinned(places: NDArray[np.int64]) -> NDArray[np.int64]:
    return places[:: max(1, -(-len(places) // _LOOKED_AT))]


def _reached(
    columns: Columns, everything: NDArray[np.int64], places: NDArray[np.int64]
) -> tuple[list[int], list[float]]:
    """Return acts, and after which share of the places they come."""
    after = rows_after(columns, everything, places, REACH, REACH_S)
    line, _ = np.nonzero(after >= 0)
    found = after[after >= 0]
    good = ~np.isin(columns.kind[found], _NO_GOALS)
    pairs = np.unique(line[good] * len(columns.acts) + columns.act[found[good]])
    acts, counts = np.unique(pairs % len(columns.acts), return_counts=True)
    return acts.tolist(), (counts / max(1, len(places))).tolist()


def endings_of(
    columns: Columns, deliberate: NDArray[np.int64], goal: int, share_of_act: NDArray[np.float64]
) -> Endings:
    """Return all times that a goal was reached, with the ways to it.

    A way begins after the time before that the goal was reached, and has only acts that come before the goal
    more often than elsewhere.

    Args:
        columns: the recordings.
        deliberate: the deliberate rows, in order.
        goal: the act that is the goal.
        share_of_act: which share of all deliberate rows each act has, by act code.
    """
    reached = columns.rows_of(goal)
    # The goal may be a page view that was caused: then the way ends with the deliberate row before it.
    places = np.searchsorted(deliberate, reached)
    rows = np.append(deliberate, len(columns))
    is_own = rows[np.minimum(places, len(deliberate))] == reached
    merged = np.insert(deliberate, places[~is_own], reached[~is_own])
    at = np.searchsorted(merged, reached)
    belongs = _belong(_acts_before(columns, merged, _thinned(at), goal)[0], share_of_act)
    before = np.empty((len(at), _BACK), np.int32)
    began = np.empty(len(at), np.int64)
    for start in range(0, len(at), _AT_ONCE):
        chosen = slice(start, start + _AT_ONCE)
        acts, found = _acts_before(columns, merged, at[chosen], goal)
        acts[~belongs[acts]] = -1
        first = np.where(acts >= 0, found, len(columns)).min(axis=1)
        before[chosen], began[chosen] = acts, np.minimum(first, reached[chosen])
    return Endings(reached, before, began, (before >= 0).sum(axis=1))


def _acts_before(
    columns: Columns, rows: NDArray[np.int64], places: NDArray[np.int64], goal: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the acts before each place since the goal was reached the time before, and their rows."""
    found = rows_before(columns, rows, places, _BACK, REACH_S)
    acts = np.where(found >= 0, columns.act[found], np.int32(-1))
    acts[np.cumsum(acts == goal, axis=1) > 0] = -1
    return acts, found


def _belong(acts: NDArray[np.int32], share_of_act: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which acts belong to the way, by code; the last entry is for -1."""
    line, _ = np.nonzero(acts >= 0)
    number = len(share_of_act)
    pairs = np.unique(line * number + acts[acts >= 0])
    parts = np.bincount(pairs % number, minlength=number) / max(1, len(acts))
    sizes = (acts >= 0).sum(axis=1)
    # How many of the endings would have the act if the rows before them were like all others.
    expected = 1 - np.exp(-share_of_act * max(1.0, float(sizes.mean())))
    belongs = (parts >= _MIN_PART) & (parts >= _MIN_BELONGING * expected)
    belongs[OTHER_ACT] = False
    return np.append(belongs, False)
