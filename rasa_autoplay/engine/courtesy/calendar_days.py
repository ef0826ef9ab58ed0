"""The bounds of the user's day, and the end of its quiet hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from rasa_autoplay.settings.limits import QuietHours

__all__ = ["day_bounds", "quiet_until"]


def day_bounds(now: float, zone: tzinfo) -> tuple[float, float]:
    """The beginning of the user's day and of the next one, epoch seconds."""
    today = datetime.fromtimestamp(now, zone).date()
    return _at(today, time(), zone), _at(today + timedelta(days=1), time(), zone)


def quiet_until(now: float, hours: QuietHours, zone: tzinfo) -> float | None:
    """When the quiet hours that run now end, epoch seconds; None when none run.

    They include ``from`` and exclude ``to``.
    """
    local = datetime.fromtimestamp(now, zone)
    clock = local.time().replace(fold=0)
    over_midnight = hours.from_ > hours.to
    is_late, is_early = clock >= hours.from_, clock < hours.to
    if not (is_late or is_early if over_midnight else is_late and is_early):
        return None
    ends_on = local.date() + timedelta(days=1 if over_midnight and is_late else 0)
    until = _at(ends_on, hours.to, zone)
    # In autumn one hour occurs twice: during the second time, the end of the first is in the past.
    return until if until > now else _at(ends_on, hours.to.replace(fold=1), zone)


def _at(day: date, clock: time, zone: tzinfo) -> float:
    return datetime.combine(day, clock, zone).timestamp()
