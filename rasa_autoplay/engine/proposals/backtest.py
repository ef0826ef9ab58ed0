"""What ``evidence.json`` says about the back-test on held-out days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["Backtest", "backtest_of"]


class Backtest(msgspec.Struct, frozen=True):
    """What the trigger would have done on days that were not used to find it.

    Args:
        fires: how often it would have fired.
        fires_per_user_day: the same for each user and day.
        found_share: the share of fires after which the user found the fast way within 2 minutes anyway, 0 to
            1; None if there was no fire.
        is_recommended: whether the evidence recommends the trigger.
        reasons: why not.
    """

    fires: int
    fires_per_user_day: float
    found_share: float | None
    is_recommended: bool = True
    reasons: tuple[str, ...] = ()


def backtest_of(evidence: Mapping[str, Any]) -> Backtest | None:
    """Return the back-test; None if there is none.

    Args:
        evidence: ``evidence.json`` as plain data.

    Raises:
        msgspec.ValidationError: a number has another type.
    """
    found = evidence.get("backtest")
    if not isinstance(found, Mapping):
        return None
    return msgspec.convert(found, Backtest)
