"""What a way costs: acts and seconds of each time, compared by users."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.findings.finding import Example
from rasa_autoplay.tools.discovery.steps.steps import Steps

__all__ = ["Costs", "costs_of", "examples_of", "medians_by_user"]

_MAX_EXAMPLES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Times that users did something, from a first step to a last one.

    Args:
        first: the first step of each time (int64).
        last: its last step (int64).
        user: user codes (int32).
        acts: how many acts it took, with all that lay between (float64).
        took_s: its duration in seconds (float64).
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    user: NDArray[np.int32]
    acts: NDArray[np.float64]
    took_s: NDArray[np.float64]

    @property
    def users(self) -> int:
        """How many users there are."""
        return len(np.unique(self.user))


def costs_of(steps: Steps, first: NDArray[np.int64], last: NDArray[np.int64]) -> Costs:
    """Return the costs from each first step to each last one."""
    return Costs(
        first=first,
        last=last,
        user=steps.user[first],
        acts=(steps.place[last] - steps.place[first] + 1).astype(np.float64),
        took_s=steps.time[last] - steps.time[first],
    )


def medians_by_user(values: NDArray[np.float64], user: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the median of each user's values, in the order of users: each user counts once."""
    order = np.lexsort((values, user))
    _, begins, times = np.unique(user[order], return_index=True, return_counts=True)
    ordered = values[order]
    medians: NDArray[np.float64] = (ordered[begins + (times - 1) // 2] + ordered[begins + times // 2]) / 2
    return medians


def examples_of(steps: Steps, costs: Costs) -> tuple[Example, ...]:
    """Return the times nearest to the median duration, at most one of each user."""
    nearest = np.lexsort((costs.first, np.abs(costs.took_s - np.median(costs.took_s))))
    _, of_user = np.unique(costs.user[nearest], return_index=True)
    chosen = nearest[np.sort(of_user)][:_MAX_EXAMPLES]
    columns = steps.columns
    return tuple(
        Example(
            columns.sessions[columns.session[steps.row[costs.first[at]]]],
            float(steps.time[costs.first[at]]),
            float(steps.time[costs.last[at]]),
        )
        for at in chosen
    )
