"""Formats numbers for explanations."""

from __future__ import annotations

__all__ = ["seconds", "times"]


def seconds(duration_s: float) -> str:
    """``14 s``, ``0.5 s``, ``3 days``."""
    if duration_s >= 86_400 and duration_s % 86_400 == 0:
        days = duration_s / 86_400
        return f"{days:g} day{'s' if days != 1 else ''}"
    rounded = round(duration_s, 1)
    return f"{rounded:.0f} s" if rounded == int(rounded) else f"{rounded} s"


def times(number: int) -> str:
    """``once``, ``3 times``."""
    return "once" if number == 1 else f"{number} times"
