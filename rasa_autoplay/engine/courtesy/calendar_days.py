"""Computes the beginning and end of the user's day, and the end of the quiet hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

__all__ = ["HoursOfDay", "day_bounds", "quiet_until"]


class HoursOfDay(Protocol):
    """Times of day: from the beginning to the end, which may be on the next day."""

    @property
    def from_(self) -> time:
        """When they begin."""
        ...

    @property
    def to(self) -> time:
        """When they end."""
        ...


def day_bounds(now: float, zone: tzinfo) -> tuple[float, float]:
    """Return when the user's day and the next day begin, epoch seconds."""
    today = datetime.fromtimestamp(now, zone).date()
    return _at(today, time(), zone), _at(today + timedelta(days=1), time(), zone)


def quiet_until(now: float, hours: HoursOfDay, zone: tzinfo) -> float | None:
    """Return when the current quiet hours end, epoch seconds; None outside quiet hours.

    Quiet hours include ``from`` and exclude ``to``.
    """
    local = datetime.fromtimestamp(now, zone)
    clock = local.time().replace(fold=0)
    over_midnight = hours.from_ > hours.to
    is_late, is_early = clock >= hours.from_, clock < hours.to
    if not (is_late or is_early if over_midnight else is_late and is_early):
        return None
    ends_on = local.date() + timedelta(days=1 if over_midnight and is_late else 0)
    until = _at(ends_on, hours.to, zone)
    # In autumn one hour occurs twice. If the first occurrence of the end is over, take the second.
    return until if until > now else _at(ends_on, hours.to.replace(fold=1), zone)


def _at(day: date, clock: time, zone: tzinfo) -> float:
    return datetime.combine(day, clock, zone).timestamp()
