"""Trials of triggers that change nothing: how often does the rule's interval call them useful?"""

from __future__ import annotations

import numpy as np

from rasa_autoplay.engine.proposals.thresholds import level_of
from rasa_autoplay.engine.results.uplift import Group, Stratum, difference_of

__all__ = ["called_useful"]

_DAYS, _SHARE = 113, 0.05


def called_useful(runs: int, base: float, users_per_day: int, seed: int) -> int:
    """Return in how many of the runs the interval was above 0 at some daily look, at the first level.

    Args:
        runs: how many trials.
        base: the share of users who reach the goal, with and without the offer.
        users_per_day: new users each day.
        seed: of the dice.
    """
    dice, level = np.random.default_rng(seed), level_of(1)
    treated = dice.binomial(users_per_day, _SHARE, (runs, _DAYS))
    treated_reached = dice.binomial(treated, base).cumsum(axis=1)
    control_reached = dice.binomial(users_per_day - treated, base).cumsum(axis=1)
    treated_users = treated.cumsum(axis=1)
    control_users = (users_per_day - treated).cumsum(axis=1)
    return sum(
        any(
            _is_above(Group(*with_offer), Group(*without), level)
            for with_offer, without in zip(
                zip(treated_users[run].tolist(), treated_reached[run].tolist(), strict=True),
                zip(control_users[run].tolist(), control_reached[run].tolist(), strict=True),
                strict=True,
            )
        )
        for run in range(runs)
    )


def _is_above(treated: Group, control: Group, level: float) -> bool:
    if not treated.users or treated.reached / treated.users <= control.reached / control.users:
        return False
    found = difference_of([Stratum(_SHARE, treated, control)], level)
    return found.low is not None and found.low > 0
