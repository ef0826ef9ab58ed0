"""The gates that count toasts: how many a user may get, and how long after the last one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rasa_autoplay.engine.courtesy.calendar_days import day_bounds
from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.settings.durations import format_duration

__all__ = [
    "cap",
    "interval",
    "per_day",
    "per_user",
    "per_user_per_day",
    "shown",
    "time_between",
    "trigger_interval",
]


def per_user(s: GateContext) -> GateResult:
    """Closed once the user has got the maximum number of toasts of this trigger."""
    return cap("trigger_per_user", shown(s.of_trigger()), s.own.per_user, "ever", math.inf)


def per_day(s: GateContext) -> GateResult:
    """Closed once the user has got the day's maximum number of toasts of this trigger."""
    begin, end = day_bounds(s.now, s.zone)
    return cap("trigger_per_day", shown(s.of_trigger(), begin), s.own.per_day, "today", end)


def per_user_per_day(s: GateContext) -> GateResult:
    """Closed once the user has got the day's maximum number of toasts."""
    begin, end = day_bounds(s.now, s.zone)
    return cap("per_user_per_day", shown(s.history, begin), s.limits.per_user_per_day, "today", end)


def shown(history: Iterator[Offer] | Sequence[Offer], since: float = 0.0) -> int:
    """Count the toasts that were shown since a time, epoch seconds."""
    return sum(bool(past.rendered_at) and past.rendered_at >= since for past in history)


def cap(gate: str, count: int, most: int | None, when: str, until: float) -> GateResult:
    """Return the result of a gate that closes at a number of toasts.

    Args:
        gate: its name.
        count: how many were shown.
        most: the maximum; None for no limit.
        when: the period that is counted, in words.
        until: when the gate opens again, epoch seconds.
    """
    if most is None:
        return GateResult(gate, False, f"{count} {when}, no cap")
    text = f"{count} of {most} {when}"
    return GateResult(gate, True, text, until) if count >= most else GateResult(gate, False, text)


def interval(s: GateContext) -> GateResult:
    """Closed for the minimum interval after any toast was shown."""
    return time_between("min_interval", s.history, s.limits.min_interval, s.now)


def trigger_interval(s: GateContext) -> GateResult:
    """Closed for the trigger's minimum interval after its last toast."""
    return time_between("trigger_min_interval", s.of_trigger(), s.own.min_interval, s.now)


def time_between(
    gate: str, history: Iterator[Offer] | Sequence[Offer], interval_s: float, now: float
) -> GateResult:
    """Return the result of a gate that closes for a time after the last toast.

    Args:
        gate: its name.
        history: the offers that count.
        interval_s: how long it is closed, in seconds.
        now: epoch seconds.
    """
    last = max(history, key=lambda past: past.rendered_at, default=None)
    if last is None or not last.rendered_at:
        return GateResult(gate, False, "no toast has been shown so far")
    ago = format_duration(max(round(now - last.rendered_at), 0))
    was = "withheld" if last.is_withheld else "shown"
    text = f"the last toast was {was} {ago} ago; the interval is {format_duration(interval_s)}"
    until = last.rendered_at + interval_s
    return GateResult(gate, True, text, until) if now < until else GateResult(gate, False, text)
