"""The gates that count the toasts about one golden path, whichever triggers they came from."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rasa_autoplay.engine.courtesy.calendar_days import day_bounds
from rasa_autoplay.engine.courtesy.count_gates import cap, shown, time_between
from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.engine.offers.offer import Offer

__all__ = ["path_interval", "path_per_day", "path_per_user"]


def path_per_user(s: GateContext) -> GateResult:
    """Closed once the user has got the maximum number of toasts about this golden path."""
    return cap("path_per_user", shown(_about_path(s)), s.limits.of_path(s.topic).per_user, "ever", math.inf)


def path_per_day(s: GateContext) -> GateResult:
    """Closed once the user has got the day's maximum number of toasts about this golden path."""
    begin, end = day_bounds(s.now, s.zone)
    return cap("path_per_day", shown(_about_path(s), begin), s.limits.of_path(s.topic).per_day, "today", end)


def path_interval(s: GateContext) -> GateResult:
    """Closed for the golden path's minimum interval after the last toast about it."""
    interval_s = s.limits.of_path(s.topic).min_interval
    return time_between("path_min_interval", _about_path(s), interval_s, s.now)


def _about_path(s: GateContext) -> Iterator[Offer]:
    """The user's earlier offers about the same golden path; none if the topic is a page."""
    return (past for past in s.history if past.golden_path and past.golden_path == s.topic)
