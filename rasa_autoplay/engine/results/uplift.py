"""How much more often do users reach the goal with the offer than without? A difference with its interval.

Chance gave each user an arm, with a probability that is stored with the decision. So the arms differ only in
the offer, and the difference of their shares is its effect. Where the probability changed over time, because
the team raised the share, each user counts with the inverse of the probability of the own arm (Hájek's
estimator; it is the augmented estimator of the paper that :mod:`.confidence_sequence` cites, with the arm's
own share as the prediction). Otherwise early users, who are mostly in one arm, would be compared with later
ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from rasa_autoplay.engine.results.confidence_sequence import ALPHA, half_width

__all__ = ["LEAST_USERS", "Difference", "Group", "Stratum", "difference_of", "more_users_needed"]

#: An arm with fewer users says nothing, and the interval would not be valid yet.
LEAST_USERS = 20
#: This many users with and without the goal are added to each arm before its variance is estimated (Agresti
#: and Coull, 1998). Otherwise an arm in which nobody has reached the goal yet would seem to vary not at all.
_ADDED = 2
#: More users than this are never predicted.
_MOST_USERS = 10_000_000


class Group(msgspec.Struct, frozen=True):
    """Users of one arm.

    Args:
        users: their number.
        reached: how many of them reached the goal.
    """

    users: int = 0
    reached: int = 0

    def __add__(self, other: Group) -> Group:
        return Group(self.users + other.users, self.reached + other.reached)


class Stratum(msgspec.Struct, frozen=True):
    """The users that chance divided with the same probability.

    Args:
        probability: the probability of the treated arm; more than 0 and less than 1.
        treated: the users with the offer.
        control: the users without it.
    """

    probability: float
    treated: Group
    control: Group

    @property
    def users(self) -> int:
        """The number of users of both arms."""
        return self.treated.users + self.control.users


class Difference(msgspec.Struct, frozen=True):
    """The comparison of two arms.

    Args:
        treated: the users with the offer.
        control: the users without it.
        treated_share: the share of the treated users who reached the goal, 0 to 1; weighted if the
            probability changed over time.
        control_share: the same for the control users.
        low: the lower end of the interval of the difference, -1 to 1; None if there are too few users.
        high: the upper end.
    """

    treated: Group
    control: Group
    treated_share: float
    control_share: float
    low: float | None
    high: float | None

    @property
    def difference(self) -> float:
        """The share of the treated users minus that of the others."""
        return self.treated_share - self.control_share

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes 0, so that the arms differ."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def difference_of(strata: Iterable[Stratum], alpha: float = ALPHA) -> Difference:
    """Compare the arms.

    Args:
        strata: the users so far, grouped by the probability with which chance divided them.
        alpha: how often the interval may miss the truth at some look.
    """
    used = [stratum for stratum in strata if stratum.users]
    treated = sum((stratum.treated for stratum in used), Group())
    control = sum((stratum.control for stratum in used), Group())
    treated_share = _share([(1 / stratum.probability, stratum.treated) for stratum in used])
    control_share = _share([(1 / (1 - stratum.probability), stratum.control) for stratum in used])
    low = high = None
    if min(treated.users, control.users) >= LEAST_USERS:
        difference = treated_share - control_share
        half = _half_width(used, _variance(used, (treated_share, control_share)), 1, alpha)
        low, high = max(difference - half, -1.0), min(difference + half, 1.0)
    return Difference(treated, control, treated_share, control_share, low, high)


def more_users_needed(strata: Iterable[Stratum], effect: float, alpha: float = ALPHA) -> int | None:
    """Return about how many more users are needed until half the interval is narrower than an effect.

    Args:
        strata: the users so far; the shares and the probabilities are assumed to stay as they are.
        effect: the size of the effect, more than 0, at most 1.
        alpha: how often the interval may miss the truth at some look.

    Returns:
        0 if there are enough; None if it would take more than 10 million users, or if an arm has no user.
    """
    used = [stratum for stratum in strata if stratum.users]
    found = difference_of(used)
    if not found.treated.users or not found.control.users:
        return None
    users = found.treated.users + found.control.users
    variance = _variance(used, (found.treated_share, found.control_share))
    low = max(1.0, LEAST_USERS / min(found.treated.users, found.control.users))
    high = _MOST_USERS / users
    if low >= high or _half_width(used, variance, high, alpha) > effect:
        return None
    if _half_width(used, variance, low, alpha) > effect:
        while high / low > 1.01:
            middle = math.sqrt(low * high)
            is_too_wide = _half_width(used, variance, middle, alpha) > effect
            low, high = (middle, high) if is_too_wide else (low, middle)
        low = high
    return math.ceil(users * (low - 1))


def _share(weighted: Sequence[tuple[float, Group]]) -> float:
    users = sum(weight * group.users for weight, group in weighted)
    return sum(weight * group.reached for weight, group in weighted) / users if users else 0.0


def _variance(used: Sequence[Stratum], shares: tuple[float, float]) -> float:
    """The variance of the sum of the users' weighted outcomes."""
    groups = (
        sum((stratum.treated for stratum in used), Group()),
        sum((stratum.control for stratum in used), Group()),
    )
    treated, control = (_variance_of_one(*each) for each in zip(shares, groups, strict=True))
    return sum(
        stratum.users * (treated / stratum.probability + control / (1 - stratum.probability))
        for stratum in used
    )


def _variance_of_one(share: float, group: Group) -> float:
    smoothed = (share * group.users + _ADDED) / (group.users + 2 * _ADDED)
    return smoothed * (1 - smoothed)


def _half_width(used: Sequence[Stratum], variance: float, times: float, alpha: float) -> float:
    """Half the interval's width once there are ``times`` as many users."""
    users = sum(stratum.users for stratum in used)
    probability = sum(stratum.users * stratum.probability for stratum in used) / users
    return half_width(variance * times, users * times, 4 * probability * (1 - probability), alpha)
