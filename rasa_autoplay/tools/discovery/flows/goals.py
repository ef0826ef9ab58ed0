"""Which acts end a workflow with success, learned from what happens around them.

No word is compared, because apps speak many languages. An act is a goal if something led to it, if nothing
that is done only after it follows regularly, and if something changed: it opened a page, sent a form, or the
user turned to something else or left. Times that failed do not count, and navigation is no goal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.flows.following import Following
from rasa_autoplay.tools.discovery.steps.steps import NOWHERE, Steps

__all__ = ["goals_of"]

#: The share of users' times after which something changed.
_MIN_SUCCESS = 0.4
#: An act is not the end if another follows for so many users, and comes after it so often.
_GOES_ON, _COMES_AFTER = 0.5, 0.3
#: After such a pause, the user was done (seconds).
_PAUSE_S = 45.0


def goals_of(steps: Steps, following: Following) -> list[int]:
    """Return the codes of the controls that end workflows, in ascending order."""
    number = len(following.users)
    succeeds = _share_of_users(steps, _has_changed(steps), ~steps.fails, number)
    is_step = np.array([not c.is_menu and not c.act.is_page_view for c in steps.controls.known], bool)
    goes_on = following.leads & (following.share >= _GOES_ON) & (following.needed >= _COMES_AFTER)
    led_to = following.leads[is_step].any(axis=0)
    goals = is_step & led_to & ~goes_on[:, is_step].any(axis=1) & (succeeds >= _MIN_SUCCESS)
    return [int(goal) for goal in np.flatnonzero(goals)]


def _has_changed(steps: Steps) -> NDArray[np.bool_]:
    """Return after which steps something changed without a failure."""
    changed: NDArray[np.bool_] = (steps.leads_to != NOWHERE) | steps.submits | steps.is_last
    changed[:-1] |= (np.diff(steps.time) > _PAUSE_S) | (steps.page[1:] != steps.page[:-1])
    return changed


def _share_of_users(
    steps: Steps, is_true: NDArray[np.bool_], among: NDArray[np.bool_], number: int
) -> NDArray[np.float64]:
    """Return for each control the mean of its users' shares of times in which something is true."""
    pair = (steps.user[among].astype(np.int64) + 1) * max(number, 1) + steps.control[among]
    known, of_step, times = np.unique(pair, return_inverse=True, return_counts=True)
    share = np.bincount(of_step, weights=is_true[among], minlength=len(known)) / np.maximum(times, 1)
    control = known % max(number, 1)
    users = np.bincount(control, minlength=number)
    mean: NDArray[np.float64] = np.bincount(control, weights=share, minlength=number) / np.maximum(users, 1)
    return mean
