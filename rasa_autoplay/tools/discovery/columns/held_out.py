"""Splits recordings: proposals come from the first days, and are tested on the last ones.

With too few days, they come from some of the users, and are tested on the others.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns

__all__ = ["DAY_S", "HeldOut", "day_of", "held_out_sessions", "split_days", "split_of", "user_place"]

DAY_S = 86_400
#: This share of the days, in percent, is for finding proposals.
_TRAINING_PERCENT = 70
#: With fewer days, users are held out instead.
_MIN_DAYS = 3
#: With fewer signed-in users, nothing is held out, and no proposal is tested.
_MIN_USERS = 50


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Which days or users are for finding proposals, and which for testing them.

    A session belongs to the day of its first action, so that no session is split.

    Args:
        training_days: UTC days with actions, counted from the epoch, in order.
        held_out_days: later UTC days with actions, in order; empty if there are too few days.
        by_users: whether 30 % of the users are held out, on all days, because these are too few.
    """

    training_days: tuple[int, ...]
    held_out_days: tuple[int, ...]
    by_users: bool = False

    @property
    def has_test(self) -> bool:
        """Whether anything is held out."""
        return bool(self.held_out_days) or self.by_users

    @property
    def tested_days(self) -> tuple[int, ...]:
        """The days on which proposals are tested."""
        return self.training_days if self.by_users else self.held_out_days

    @property
    def begins_at(self) -> float:
        """When the first held-out day begins, in epoch seconds; infinity if no day is held out."""
        return float(self.held_out_days[0] * DAY_S) if self.held_out_days else math.inf

    def is_held_out(self, began_at: float) -> bool:
        """Whether a session that began at this time (epoch seconds) is for testing."""
        return began_at >= self.begins_at


def day_of(at: float) -> int:
    """Return the UTC day of a time in epoch seconds, counted from the epoch."""
    return int(at // DAY_S)


def split_days(days: Iterable[int]) -> HeldOut:
    """Split the days on which sessions began: the first 70 % are for finding proposals.

    Days without a session do not count. With fewer than three days, no day is held out.

    Args:
        days: UTC days, counted from the epoch, in any order; repeated ones count once.
    """
    ordered = sorted(set(days))
    if len(ordered) < _MIN_DAYS:
        return HeldOut(tuple(ordered), ())
    cut = min(-(-len(ordered) * _TRAINING_PERCENT // 100), len(ordered) - 1)
    return HeldOut(tuple(ordered[:cut]), tuple(ordered[cut:]))


def split_of(columns: Columns) -> HeldOut:
    """Split recordings by the days on which their sessions began, or by users if there are too few days.

    Args:
        columns: all recordings.
    """
    began_at = columns.time[columns.starts[:-1]]
    split = split_days(np.unique(began_at // DAY_S).astype(int).tolist())
    if split.held_out_days or sum(map(bool, columns.users)) < _MIN_USERS:
        return split
    return HeldOut(split.training_days, (), by_users=True)


def held_out_sessions(columns: Columns, split: HeldOut) -> NDArray[np.bool_]:
    """Return which sessions, by session code, are for testing.

    Args:
        columns: all recordings.
        split: how they are split.
    """
    if not split.by_users:
        held_out: NDArray[np.bool_] = columns.time[columns.starts[:-1]] >= split.begins_at
        return held_out
    # The order has nothing to do with what users did; anonymous sessions are not tested.
    named = sorted((code for code, name in enumerate(columns.users) if name), key=_place_in(columns))
    is_tested = np.zeros(len(columns.users), bool)
    is_tested[named[len(named) * _TRAINING_PERCENT // 100 :]] = True
    # A session that users share is tested as a whole.
    rows = is_tested[columns.user]
    tested = np.zeros(len(columns.sessions), bool)
    tested[columns.session[rows]] = True
    return tested


def user_place(user_id: str) -> bytes:
    """Return the place of a user in an order that has nothing to do with what users did."""
    return hashlib.sha256(user_id.encode("utf-8", "surrogatepass")).digest()


def _place_in(columns: Columns) -> Callable[[int], bytes]:
    return lambda code: user_place(columns.users[code])
