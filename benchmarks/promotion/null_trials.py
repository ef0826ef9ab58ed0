"""Trials of triggers that change nothing: how often does the rule's interval call them useful at some look?"""

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
    called = 0
    for run in range(runs):
        arms = (treated_users, treated_reached, control_users, control_reached)
        looks = zip(*(each[run].tolist() for each in arms), strict=True)
        called += any(_is_above(*look, level) for look in looks)
    return called


def _is_above(treated: int, reached: int, control: int, control_reached: int, level: float) -> bool:
    if not treated or reached / treated <= control_reached / control:
        return False
    stratum = Stratum(_SHARE, Group(treated, reached), Group(control, control_reached))
    found = difference_of([stratum], level)
    return found.low is not None and found.low > 0
