"""The bounds of the rule that takes a proposal from draft to live. Each step's log has a copy of them."""

from __future__ import annotations

import msgspec

__all__ = ["RULE_VERSION", "THRESHOLDS", "Thresholds", "level_of"]

#: Changes whenever the rule, or one of its bounds, does.
RULE_VERSION = "1"


class Thresholds(msgspec.Struct, frozen=True):
    """The bounds.

    Args:
        most_fires_per_user_day: how often the trigger may fire on a day for a user for whom it fires.
        most_found_share: the share of fires after which users may find the fast way alone within 2 minutes.
        most_overlapping_share: the share of fires that may coincide with those of other triggers.
        ghost_days: how long a proposal is ghost at least, in days.
        ghost_fires: how many decisions it has by then at least.
        ghost_users: how many users these concern at least.
        most_ghost_days: after so many days without enough of them, the proposal goes back to draft.
        trial_days: how long a proposal is on trial at least, in days.
        most_trial_days: after so many days without a decision, it goes back to ghost.
        trial_treated: how many users with the offer must be compared at least.
        least_effect: a smaller difference of the shares of users is not worth an interruption.
        most_refused_share: the share of seen offers that users may close, postpone or silence.
        most_silenced_share: the share of seen offers after which users may want to hear no more.
        alpha: the chance, at most, that any useless proposal of all that are ever tried goes live by mistake.
        planned: how many proposals share most of this chance.
    """

    most_fires_per_user_day: float = 3.0
    most_found_share: float = 0.25
    most_overlapping_share: float = 0.5
    ghost_days: float = 7.0
    ghost_fires: int = 100
    ghost_users: int = 30
    most_ghost_days: float = 60.0
    trial_days: float = 7.0
    most_trial_days: float = 120.0
    trial_treated: int = 50
    least_effect: float = 0.02
    most_refused_share: float = 0.65
    most_silenced_share: float = 0.10
    alpha: float = 0.05
    planned: int = 40


THRESHOLDS = Thresholds()


def level_of(number: int, bounds: Thresholds = THRESHOLDS) -> float:
    """Return how often the interval of the n-th proposal on trial may miss the truth.

    The levels of all proposals, however many there will be, add up to ``alpha``. The first ``planned`` ones
    get half of it.

    Args:
        number: n, from 1.
        bounds: has ``alpha`` and ``planned``.
    """
    planned = bounds.planned
    return bounds.alpha * planned / ((planned + number - 1) * (planned + number))
