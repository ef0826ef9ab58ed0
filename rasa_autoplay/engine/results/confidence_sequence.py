"""A confidence sequence: an interval that stays valid however often somebody looks at it.

An ordinary 95 % interval is right in 95 % of the cases if you look once. A team that looks every morning, and
stops when the interval excludes 0, is misled far more often. A confidence sequence covers the truth *at every
look at once* in 95 % of the cases.

This one is Robbins' normal mixture with an estimated variance, the Gaussian-mixture boundary of Waudby-Smith,
Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
Annals of Statistics 52(6), 2024, arXiv:2103.06476. It is asymptotic, so ``docs/decisions/0060`` says how it
was checked with few users, rare goals and uneven shares.
"""

from __future__ import annotations

import math

__all__ = ["ALPHA", "CONFIDENCE", "half_width"]

#: How often the interval covers the truth at every look.
CONFIDENCE = 0.95
#: How often it misses the truth at some look, at most.
ALPHA = 1 - CONFIDENCE

#: The interval is relatively narrowest at this variance of the sum, for two arms of equal size. A goal that
#: 30 % reach has it at 2,400 users. With a tenth of them the interval is 24 % wider than one that was tuned
#: for that number, and with ten times as many 7 %.
_TUNED_VARIANCE = 2000.0


def half_width(variance: float, users: float, balance: float, alpha: float = ALPHA) -> float:
    """Return half the width of the interval around a mean.

    Args:
        variance: the variance of the sum over the users.
        users: the number of users.
        balance: how evenly chance divides the users, from 0 to 1 for equal arms. With uneven arms, few users
            of the small arm carry much of the variance, so the interval is tuned for a later time.
        alpha: how often the interval may miss the truth at some look, more than 0 and less than 1.
    """
    mixture = _tuning(alpha) / _TUNED_VARIANCE * balance
    growth = variance * mixture + 1
    return math.sqrt(2 * growth / mixture * (math.log(growth) / 2 - math.log(alpha))) / users


def _tuning(alpha: float) -> float:
    """The paper's closed form of the best mixture for a variance, which is this number divided by it."""
    return -2 * math.log(alpha) + math.log(-2 * math.log(alpha)) + 1
