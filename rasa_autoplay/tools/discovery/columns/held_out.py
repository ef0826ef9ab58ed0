"""Splits the days of recordings: proposals come from the first days, and are tested on the last ones."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["DAY_S", "HeldOut", "day_of", "split_days"]

DAY_S = 86_400
#: This share of the days, in percent, is for finding proposals.
_TRAINING_PERCENT = 70
#: With fewer days, all of them are for finding proposals, and no proposal is tested.
_MIN_DAYS = 3


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Which days are for finding proposals, and which for testing them.

    A session belongs to the day of its first action, so that no session is split.

    Args:
        training_days: UTC days with actions, counted from the epoch, in order.
        held_out_days: later UTC days with actions, in order; empty if there are too few days.
    """

    training_days: tuple[int, ...]
    held_out_days: tuple[int, ...]

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
