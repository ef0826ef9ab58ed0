"""The episodes that end in a goal: what each user did before it, without noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.flows.following import REACH
from rasa_autoplay.tools.discovery.steps.steps import Steps

__all__ = ["Episodes", "episodes_of"]

#: An episode has at most so many steps, with noise.
_MAX_STEPS = 64
#: So many controls fit into a mask of 64 bits.
_MAX_MEMBERS = 62
#: Between two steps of one episode lie at most so many others, and so many seconds.
_MAX_BETWEEN, _MAX_BETWEEN_S = REACH + 2, 600.0
#: Users who reach a goal again and again count with so many times.
_TIMES_OF_USER = 8
#: A control belongs to a goal if it came before so large a share of the episodes.
_MIN_SHARE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """Episodes of one goal, in the order of their goal's step.

    Args:
        members: the controls that led to the goal (int64).
        end: the step of each episode that is the goal (int64).
        begin: its first step (int64).
        at: the step at which each episode (row) did each member (column) first; -1 if it did not (int64).
        user: user codes (int32).
    """

    members: NDArray[np.int64]
    end: NDArray[np.int64]
    begin: NDArray[np.int64]
    at: NDArray[np.int64]
    user: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.end)

    def places(self, chosen: NDArray[np.int64], controls: Sequence[int]) -> NDArray[np.int64]:
        """Return the steps at which episodes (rows) did members (columns) first; -1 where they did not."""
        column = np.searchsorted(self.members, np.array(controls, np.int64))
        places: NDArray[np.int64] = self.at[np.ix_(chosen, column)]
        return places


def episodes_of(
    steps: Steps, is_end: NDArray[np.bool_], candidates: NDArray[np.int64], min_users: int
) -> Episodes:
    """Find the episodes of a goal.

    Args:
        steps: the steps of all users.
        is_end: which steps reach the goal.
        candidates: the controls that may have led to it, in ascending order.
        min_users: members that fewer users have are left out.
    """
    end = np.flatnonzero(is_end & ~steps.fails)
    end = end[_rank_in_group(steps.user[end]) < _TIMES_OF_USER]
    column = np.full(len(steps.controls.known), -1, np.int64)
    column[candidates] = np.arange(len(candidates))
    at = _places_before(steps, is_end, end, column, len(candidates))
    users = np.array([len(np.unique(steps.user[end[found]])) for found in (at >= 0).T], np.int64)
    share = (at >= 0).mean(axis=0) if len(end) else np.zeros(len(candidates))
    kept = np.flatnonzero((users >= min_users) & (share >= _MIN_SHARE))
    kept = np.sort(kept[np.argsort(-users[kept], kind="stable")][:_MAX_MEMBERS])
    if len(kept) < len(candidates):
        # Without the others, episodes may be cut earlier.
        column = np.full(len(column), -1, np.int64)
        column[candidates[kept]] = np.arange(len(kept))
        at = _places_before(steps, is_end, end, column, len(kept))
    begin = np.where(at >= 0, at, end[:, None]).min(axis=1, initial=len(steps)) if len(kept) else end
    return Episodes(candidates[kept], end, begin, at, steps.user[end])


def _rank_in_group(group: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return how many earlier elements have the same value."""
    order = np.argsort(group, kind="stable")
    begins = np.append(True, np.diff(group[order]) != 0)[: len(group)]
    position = np.arange(len(group))
    rank = np.empty(len(group), np.int64)
    rank[order] = position - np.maximum.accumulate(np.where(begins, position, 0))
    return rank


def _places_before(
    steps: Steps,
    is_end: NDArray[np.bool_],
    end: NDArray[np.int64],
    column: NDArray[np.int64],
    members: int,
) -> NDArray[np.int64]:
    """Go back from each end, step by step, until the goal before it or too long a gap."""
    at = np.full((len(end), members), -1, np.int64)
    last, going = end.copy(), np.ones(len(end), bool)
    for back in range(1, _MAX_STEPS + 1):
        going &= end >= back
        active = np.flatnonzero(going)
        if not len(active):
            break
        step = end[active] - back
        is_over = (steps.stretch[step] != steps.stretch[end[active]]) | is_end[step]
        is_over |= (last[active] - step > _MAX_BETWEEN) | (
            steps.time[last[active]] - steps.time[step] > _MAX_BETWEEN_S
        )
        going[active[is_over]] = False
        active, step = active[~is_over], step[~is_over]
        found = column[steps.control[step]]
        is_member = found >= 0
        at[active[is_member], found[is_member]] = step[is_member]
        last[active[is_member]] = step[is_member]
    return at
