"""How often users stall at each step of workflows, and whether that is more than elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.stalls.attempts import Attempts
from rasa_autoplay.tools.discovery.stalls.stall_kind import StallKind
from rasa_autoplay.tools.discovery.steps.steps import Steps

__all__ = ["Rate", "is_higher", "pooled", "stall_rates", "stalled", "without_highest"]

#: So many users of a step stall there at least, and so many times the share elsewhere.
_MIN_SHARE, _MIN_RATIO = 0.1, 2.5
#: A step done so often in a row, on the same record, is repeated.
_REPEATED = 3
#: The largest probability of chance, after the correction for all steps that were compared.
_MAX_CHANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Rate:
    """How often users stall at a step in one way.

    Args:
        share: the share of the step's users; each counts with the share of their times.
        users: how many users did the step.
    """

    share: float
    users: int


def stall_rates(steps: Steps, attempts: Attempts, kind: StallKind) -> dict[int, Rate]:
    """Return the rate of each step at which users can stall in this way, by its place in the workflow."""
    goal = attempts.at.shape[1] - 1
    # A first step alone may belong to anything, and whoever did the last one did not give up.
    places = range(1, goal) if kind is StallKind.GIVE_UP else range(goal + 1)
    rates = {}
    for place in places:
        reached = attempts.at[:, place] >= 0
        if reached.any():
            rates[place] = _rate(stalled(steps, attempts, kind, place)[reached], attempts.user[reached])
    return rates


def _rate(has_stalled: NDArray[np.bool_], user: NDArray[np.int32]) -> Rate:
    _, of_row, times = np.unique(user, return_inverse=True, return_counts=True)
    share = np.bincount(of_row, weights=has_stalled) / times
    return Rate(float(share.mean()), len(times))


def stalled(steps: Steps, attempts: Attempts, kind: StallKind, place: int) -> NDArray[np.bool_]:
    """Return which attempts stalled at a step in this way."""
    at = attempts.at[:, place]
    done = np.maximum(at, 0)
    has_stalled: NDArray[np.bool_]
    if kind is StallKind.GIVE_UP:
        has_stalled = (attempts.furthest == place) & ~attempts.is_done
    elif kind is StallKind.FAIL:
        has_stalled = (at >= 0) & steps.fails[done]
    else:
        has_stalled = (at >= 0) & (steps.times[done] >= _REPEATED)
    return has_stalled


def without_highest(rates: Sequence[Rate]) -> list[Rate]:
    """Return the rates without the highest quarter, which may be stalls themselves."""
    return sorted(rates, key=lambda rate: rate.share)[: -(-3 * len(rates) // 4)]


def pooled(rates: Sequence[Rate]) -> Rate:
    """Return the rate of several steps together."""
    users = sum(rate.users for rate in rates)
    return Rate(sum(rate.share * rate.users for rate in rates) / users if users else 0.0, users)


def is_higher(rate: Rate, elsewhere: Rate, compared: int) -> bool:
    """Whether a rate is so much higher than elsewhere that it cannot be chance.

    Args:
        rate: the rate of a step.
        elsewhere: the rate of the other steps.
        compared: how many steps were compared.
    """
    if not elsewhere.users or rate.share < max(_MIN_SHARE, _MIN_RATIO * elsewhere.share):
        return False
    both = pooled([rate, elsewhere]).share
    spread = math.sqrt(both * (1 - both) * (1 / rate.users + 1 / elsewhere.users))
    chance = 0.5 * math.erfc((rate.share - elsewhere.share) / (spread * math.sqrt(2))) if spread else 1.0
    return chance * compared <= _MAX_CHANCE
