"""Days and nights by the user's clock, including changes to and from daylight saving time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.courtesy.calendar_days import day_bounds, quiet_until
from rasa_autoplay.settings.limits import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, fold: int = 0) -> float:
    """Return the epoch seconds of a time in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


def hours(begin: str, end: str) -> QuietHours:
    return QuietHours.parse_obj({"from": begin, "to": end})


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2024-05-01T19:59:59", None),
        ("2024-05-01T20:00:00", "2024-05-02T08:00:00"),
        ("2024-05-01T23:59:59", "2024-05-02T08:00:00"),
        ("2024-05-02T00:00:00", "2024-05-02T08:00:00"),
        ("2024-05-02T07:59:59", "2024-05-02T08:00:00"),
        ("2024-05-02T08:00:00", None),
    ],
)
def test_quiet_hours_span_midnight(now: str, until: str | None) -> None:
    assert quiet_until(at(now), hours("20:00", "08:00"), BERLIN) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "is_quiet"), [("11:59:59", False), ("12:00:00", True), ("13:59:59", True), ("14:00:00", False)]
)
def test_quiet_hours_within_a_day(now: str, is_quiet: bool) -> None:
    expected = at("2024-05-01T14:00:00") if is_quiet else None
    assert quiet_until(at(f"2024-05-01T{now}"), hours("12:00", "14:00"), BERLIN) == expected


def test_quiet_hours_can_end_at_midnight() -> None:
    night = hours("22:00", "0:00")
    assert quiet_until(at("2024-05-01T23:00:00"), night, BERLIN) == at("2024-05-02T00:00:00")
    assert quiet_until(at("2024-05-02T00:00:00"), night, BERLIN) is None


def test_night_lasts_an_hour_longer_when_the_clock_is_put_back() -> None:
    night = hours("22:00", "02:30")
    # 02:30 occurs twice on that day.
    assert quiet_until(at("2024-10-27T01:00:00"), night, BERLIN) == at("2024-10-27T02:30:00")
    second_run = at("2024-10-27T02:10:00", fold=1)
    assert quiet_until(second_run, night, BERLIN) == at("2024-10-27T02:30:00", fold=1)


@pytest.mark.parametrize(("day", "length_h"), [("2024-05-01", 24), ("2024-03-31", 23), ("2024-10-27", 25)])
def test_day_lasts_from_midnight_to_midnight(day: str, length_h: int) -> None:
    begin, end = day_bounds(at(f"{day}T12:00:00"), BERLIN)
    assert begin == at(f"{day}T00:00:00")
    assert end - begin == length_h * 3600
    assert day_bounds(begin, BERLIN) == (begin, end)
    assert day_bounds(end, BERLIN)[0] == end


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(st.integers(1_600_000_000, 1_800_000_000), MINUTES, MINUTES, ZONES)
def test_quiet_hours_end_after_now_within_25_hours(now: int, begin: str, end: str, name: str) -> None:
    if begin == end:
        return
    zone = ZoneInfo(name)
    until = quiet_until(now, hours(begin, end), zone)
    if until is not None:
        assert now < until <= now + 25 * 3600
