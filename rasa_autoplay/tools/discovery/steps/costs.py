"""What it costs users to do something: the acts and seconds of each time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.examples import MAX_EXAMPLES, example_of
from rasa_autoplay.tools.discovery.findings.finding import Example
from rasa_autoplay.tools.discovery.steps.steps import Steps

__all__ = ["Costs", "costs_of", "examples_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Times that users did something, from a first step to a last one.

    Args:
        first: the first step of each time (int64).
        last: its last step (int64).
        session: session codes (int32).
        user: user codes (int32).
        acts: how many acts it took, with all that lay between (float64).
        took_s: its duration in seconds (float64).
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    session: NDArray[np.int32]
    user: NDArray[np.int32]
    acts: NDArray[np.float64]
    took_s: NDArray[np.float64]

    @property
    def users(self) -> int:
        """How many users there are."""
        return len(np.unique(self.user))

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return len(np.unique(self.session))


def costs_of(steps: Steps, first: NDArray[np.int64], last: NDArray[np.int64]) -> Costs:
    """Return the costs from each first step to each last one."""
    return Costs(
        first=first,
        last=last,
        session=steps.columns.session[steps.row[first]],
        user=steps.user[first],
        acts=(steps.place[last] - steps.place[first] + 1).astype(np.float64),
        took_s=steps.time[last] - steps.time[first],
    )


def examples_of(steps: Steps, costs: Costs) -> tuple[Example, ...]:
    """Return the times nearest to the median duration, at most one of each user."""
    nearest = np.lexsort((costs.first, np.abs(costs.took_s - np.median(costs.took_s))))
    _, of_user = np.unique(costs.user[nearest], return_index=True)
    chosen = nearest[np.sort(of_user)][:MAX_EXAMPLES]
    first, last = steps.row[costs.first[chosen]], steps.row[costs.last[chosen]]
    return tuple(map(partial(example_of, steps.columns), first.tolist(), last.tolist()))
