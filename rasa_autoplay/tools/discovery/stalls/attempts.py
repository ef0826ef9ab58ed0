"""The attempts at workflows: how far users came, also when they did not come to the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.flows.following import REACH
from rasa_autoplay.tools.discovery.steps.steps import Steps

__all__ = ["Attempts", "attempts_at"]

#: Between two steps of one attempt lie at most so many others, and so many seconds.
_MAX_BETWEEN, _MAX_BETWEEN_S = 2 * REACH, 600.0


@dataclass(frozen=True, slots=True, eq=False)
class Attempts:
    """Attempts at one workflow.

    Args:
        at: the step at which each attempt (row) did each step of the workflow (column) last; -1 if it did not
            (int64). The last column is the goal.
        user: user codes (int32).
        furthest: the place of the last step that was done, in the order of the workflow (int64).
        is_done: whether the goal was reached (bool).
    """

    at: NDArray[np.int64]
    user: NDArray[np.int32]
    furthest: NDArray[np.int64]
    is_done: NDArray[np.bool_]


def attempts_at(
    steps: Steps,
    controls: tuple[int, ...],
    others: tuple[int, ...],
    ends: tuple[int, ...],
    is_success: NDArray[np.bool_],
) -> Attempts:
    """Find the attempts at a workflow.

    Args:
        steps: the steps of all users.
        controls: the controls of the workflow in order, the goal last.
        others: controls of other ways to the same goal.
        ends: other goals that users may have had.
        is_success: which steps did not fail.
    """
    place = np.full(len(steps.controls.known), -2, np.int64)
    goal = len(controls) - 1
    place[list(others)] = -1
    place[list(ends)] = len(controls)
    place[list(controls)] = np.arange(len(controls))
    own = np.flatnonzero(place[steps.control] >= -1)
    of_step = place[steps.control[own]]
    begins = np.ones(len(own), bool)
    if len(own) > 1:
        ended = (of_step[:-1] >= goal) & is_success[own[:-1]] & (of_step[1:] != of_step[:-1])
        again = (of_step[1:] == 0) & (of_step[:-1] != 0)
        far = (np.diff(own) > _MAX_BETWEEN) | (np.diff(steps.time[own]) > _MAX_BETWEEN_S)
        begins[1:] = (steps.stretch[own][1:] != steps.stretch[own][:-1]) | ended | again | far
    attempt = np.cumsum(begins) - 1
    number = int(attempt[-1]) + 1 if len(attempt) else 0
    at = np.full((number, len(controls)), -1, np.int64)
    member = (of_step >= 0) & (of_step <= goal)
    at[attempt[member], of_step[member]] = own[member]
    done = at >= 0
    success = done[:, goal] & is_success[np.maximum(at[:, goal], 0)]
    success |= np.bincount(attempt[of_step > goal], minlength=number) > 0
    columns = np.arange(len(controls))
    furthest = np.where(done, columns, -1).max(axis=1, initial=-1)
    is_attempt = furthest >= 0
    return Attempts(
        at[is_attempt], steps.user[own[begins]][is_attempt], furthest[is_attempt], success[is_attempt]
    )
