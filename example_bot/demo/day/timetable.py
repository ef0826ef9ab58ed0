"""When users come: a working day, with a lunch break and few people at night."""

from __future__ import annotations

import random
from datetime import datetime

__all__ = ["DAY_S", "times_of_visits"]

DAY_S = 86_400.0
_HOUR_S = 3_600.0
#: How many users come in each hour of the day, relative to each other.
_SHAPE = (2, 1, 1, 1, 1, 2, 5, 12, 30, 44, 48, 46, 28, 34, 46, 48, 44, 36, 22, 12, 8, 6, 5, 3)
#: The last visits of the day begin so many seconds before its end, or earlier.
_LAST_S = 600.0
_AWAY_S = 2_400.0, 10_800.0


def times_of_visits(dice: random.Random, end: float, visits: int) -> list[float]:
    """Return when a user's visits begin, in order, in the 24 hours before ``end``.

    Args:
        dice: chance.
        end: epoch seconds.
        visits: how many visits; those for which no time is left are omitted.
    """
    hours = [end - (number + 1) * _HOUR_S for number in range(24)]
    # In the time zone of this machine, which is that of the people who look at it.
    weights = [_SHAPE[datetime.fromtimestamp(begin + _HOUR_S / 2).hour] for begin in hours]
    (begin,) = dice.choices(hours, weights)
    times = [min(begin + dice.uniform(0, _HOUR_S), end - _LAST_S)]
    while len(times) < visits:
        times.append(times[-1] + dice.uniform(*_AWAY_S))
    return [at for at in times if at <= end - _LAST_S]
