"""Which control follows which: the links of workflows, among acts that only happen near each other.

Each user counts once: what a user did a thousand times has the weight of what another did once. A control
*leads* to another if the other follows much more often than by chance, and more often than it precedes. Noise
on the same page comes as often before as after, so it leads nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.steps.steps import Steps

__all__ = ["REACH", "Following", "following_of"]

#: A step of a workflow follows the one before it within so many steps; others may lie between.
REACH = 10
#: A control leads to another if the other follows for such a share of its users, or if it comes before such a
#: share of the other's uses.
_MIN_SHARE, _MIN_NEEDED = 0.25, 0.6
#: How much more often it follows than by chance.
_MIN_LIFT = 2.0
#: How much more often it follows than others on its page, if the user is on that page.
_MIN_LIFT_ON_PAGE = 1.3
#: On a page that is for one workflow only, everything follows everything. There, both shares are so large.
_BELONG_TOGETHER = 0.5
#: The share of the times that two controls are near each other in which they have this order.
_MIN_ORDER = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """How often each control follows each other one.

    Args:
        leads: whether a control (row) leads to another (column).
        share: for which share of the users of a control (row) another (column) follows; each user counts with
            the share of their times.
        needed: before which share of the uses of a control (column) another (row) came.
        users: how many users each control has.
    """

    leads: NDArray[np.bool_]
    share: NDArray[np.float64]
    needed: NDArray[np.float64]
    users: NDArray[np.int64]

    def ways_to(self, goal: int) -> NDArray[np.int64]:
        """Return the controls that lead to a control, directly or over others, in ascending order."""
        found = np.zeros(len(self.users), bool)
        edge = np.zeros(len(self.users), bool)
        edge[goal] = True
        while edge.any():
            found |= edge
            edge = self.leads[:, edge].any(axis=1) & ~found
        found[goal] = False
        return np.flatnonzero(found)


def following_of(steps: Steps, min_users: int) -> Following:
    """Count what follows what.

    Args:
        steps: the steps of all users.
        min_users: how many users must show it.
    """
    number = len(steps.controls.known)
    weight, users, chance = _weights(steps, number)
    follows, near_after = _near(steps, weight, number, 1)
    precedes, near_before = _near(steps, weight, number, -1)
    by_chance = users[:, None] * chance[None, :] * (1.0 / np.arange(1, REACH + 1)).sum()
    leads = near_after >= _MIN_LIFT * by_chance
    del by_chance
    leads &= near_after >= _MIN_ORDER * (near_after + near_before)
    is_more = near_after >= _MIN_LIFT_ON_PAGE * _by_chance_on_page(steps, weight, chance)
    del near_after, near_before
    share = follows / np.maximum(users, 1)[:, None]
    needed = (precedes / np.maximum(users, 1)[:, None]).T
    leads &= is_more | ((share >= _BELONG_TOGETHER) & (needed >= _BELONG_TOGETHER))
    leads &= (follows >= min_users) & ((share >= _MIN_SHARE) | (needed >= _MIN_NEEDED))
    np.fill_diagonal(leads, val=False)
    return Following(leads, share, needed, users)


def _weights(steps: Steps, number: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return each step's share of its user's steps with that control, and each control's users and chance.

    The chance is the share of a user's steps that are on that control, for the average user.
    """
    if not len(steps):
        return np.zeros(0), np.zeros(number, np.int64), np.zeros(number)
    pair = (steps.user.astype(np.int64) + 1) * number + steps.control
    known, of_step, times = np.unique(pair, return_inverse=True, return_counts=True)
    user, control = known // number, known % number
    all_steps = np.bincount(user, weights=times)
    users = np.bincount(control, minlength=number)
    chance = np.bincount(control, weights=times / all_steps[user], minlength=number)
    return 1.0 / times[of_step], users, chance / max(np.count_nonzero(all_steps), 1)


def _near(
    steps: Steps, weight: NDArray[np.float64], number: int, direction: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count the controls within :data:`REACH` steps after (1) or before (-1) each control.

    Returns:
        For a control (row) and another (column): the users, and their number with less weight for what is
        farther.
    """
    size = number * number
    found, near = np.zeros(size), np.zeros(size)
    control, stretch = steps.control[::direction], steps.stretch[::direction]
    weight = weight[::direction]
    for lag in range(1, min(REACH, len(control) - 1) + 1):
        at = np.flatnonzero(stretch[lag:] == stretch[:-lag])
        other = control[at + lag]
        is_new = other != control[at]
        for nearer in range(1, lag):
            is_new &= other != control[at + nearer]
        at, other = at[is_new], other[is_new]
        seen = np.bincount(control[at].astype(np.int64) * number + other, weight[at], size)
        found += seen
        near += seen / lag
    return found.reshape(number, number), near.reshape(number, number)


def _by_chance_on_page(
    steps: Steps, weight: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how near each control (column) would follow another (row) if only the page counted.

    A menu is on many pages, so it follows by chance nowhere.
    """
    number = len(chance)
    is_menu = np.array([control.is_menu for control in steps.controls.known], bool)
    page = np.full(number, -1, np.int64)
    page[steps.control] = steps.page
    known = np.unique(page)
    place = np.searchsorted(known, page)
    of_step = np.minimum(np.searchsorted(known, steps.page), len(known) - 1)
    on_page = np.zeros(number * len(known))
    for lag in range(1, min(REACH, len(steps) - 1) + 1):
        at = np.flatnonzero(steps.stretch[lag:] == steps.stretch[:-lag])
        pair = steps.control[at].astype(np.int64) * len(known) + of_step[at + lag]
        on_page += np.bincount(pair, weight[at] / lag, len(on_page))
    of_page = np.bincount(place, np.where(is_menu, 0.0, chance), len(known))
    share = np.where(is_menu, 0.0, chance / np.maximum(of_page[place], 1e-12))
    result: NDArray[np.float64] = on_page.reshape(number, len(known))[:, place] * share[None, :]
    return result
