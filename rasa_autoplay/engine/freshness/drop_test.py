"""Notices that users have stopped to do something that they used to do.

Each *look* is one session in which a user could have done it. A healthy share is learnt from the looks, and a
cumulative sum of likelihood ratios (Page's CUSUM) compares two hypotheses about the looks since some moment:
users still do it at least half as often as before, or at most an eighth as often. When the sum reaches
``ln 1,000``, the second is 1,000 times as likely. Whenever the sum returns to 0, the looks were healthy and
are learnt, too.

By Lorden's theorem ("Procedures for reacting to a change in distribution", Annals of Mathematical Statistics
42(6), 1971), a false alarm with a known share comes on average after at least 1,000 looks, however often
somebody looks, even if users do it only half as often as before. If they do it as often as before, it is far
rarer. The share is estimated, and people have habits, so ``docs/decisions/0079`` says how this was checked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["FEWEST_USERS", "Drop", "Look", "find_drop"]

#: What fewer users share shows nothing.
FEWEST_USERS = 3
_ALARM = math.log(1_000)
#: A healthy share is known after this many looks at this many users.
_FEWEST_LOOKS = 20
#: A user's later looks since a moment say little that is new, because people have habits.
_MOST_LOOKS_OF_USER = 4
#: Still healthy: at least this part of the usual share. Gone: at most this part.
_HEALTHY, _GONE = 0.5, 0.125
#: Fewer looks without it can never reach the alarm.
_FEWEST_WITHOUT = _ALARM / math.log((1 - _GONE) / (1 - _HEALTHY))
#: A user's own habit counts as much as everybody's after this many looks.
_HABIT_LOOKS = 2.0
#: Standard normal quantile of the one-sided bound of the healthy share.
_Z = 2.0


class Look(NamedTuple):
    """A session in which a user could have done it.

    Args:
        at: epoch seconds.
        user_id: the user.
        is_done: whether the user did it.
    """

    at: float
    user_id: str
    is_done: bool


class Drop(NamedTuple):
    """Users have stopped to do something.

    Args:
        first: index of the first look since then.
        usual: the share that did it before.
    """

    first: int
    usual: float


def find_drop(looks: Sequence[Look]) -> Drop | None:
    """Return the first drop; None if users still do it, or if too little is known.

    Args:
        looks: in order of their times.
    """
    if sum(not look.is_done for look in looks) < _FEWEST_WITHOUT:
        return None  # nearly always, and quickly
    healthy, first, total, counted = _Healthy(), 0, 0.0, Counter[str]()
    for at, look in enumerate(looks):
        if not healthy.is_known:
            healthy.learn(look)
            first = at + 1
            continue
        if counted[look.user_id] < _MOST_LOOKS_OF_USER:
            counted[look.user_id] += 1
            total += _log_ratio(healthy.share_of(look.user_id), is_done=look.is_done)
        if total <= 0:
            for each in looks[first : at + 1]:
                healthy.learn(each)
            first, total = at + 1, 0.0
            counted.clear()
        elif total >= _ALARM:
            users = {each.user_id for each in looks[first : at + 1] if not each.is_done}
            if len(users) >= FEWEST_USERS:
                return Drop(first, healthy.share)
    return None


class _Healthy:
    """What is known of the time when all was well."""

    def __init__(self) -> None:
        self._looks: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._all = self._all_done = 0

    @property
    def is_known(self) -> bool:
        return self._all >= _FEWEST_LOOKS and len(self._looks) >= FEWEST_USERS

    @property
    def share(self) -> float:
        return self._all_done / self._all

    def learn(self, look: Look) -> None:
        self._looks[look.user_id] += 1
        self._done[look.user_id] += look.is_done
        self._all += 1
        self._all_done += look.is_done

    def share_of(self, user_id: str) -> float:
        """Return the share of a user: everybody's, moved by the user's own habit."""
        own = self._looks[user_id]
        return (self._done[user_id] + _HABIT_LOOKS * self._low_share) / (own + _HABIT_LOOKS)

    @property
    def _low_share(self) -> float:
        """Wilson's lower bound, because the share is known from few looks only."""
        n, share = self._all, self.share
        middle = share + _Z**2 / (2 * n)
        spread = _Z * math.sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2)
        return max((middle - spread) / (1 + _Z**2 / n), 0.0)


def _log_ratio(share: float, *, is_done: bool) -> float:
    """Return how much likelier a look is if users have stopped, as a logarithm."""
    if is_done:
        return math.log(_GONE / _HEALTHY)
    return math.log((1 - _GONE * share) / (1 - _HEALTHY * share))
