"""Durations as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.settings.durations import Duration, parse_duration_s
from rasa_autoplay.settings.models import Settings, ValidationError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10.0),
        ("250ms", 0.25),
        ("5m", 300.0),
        ("1h", 3600.0),
        ("2d", 172_800.0),
        ("1h30m", 5400.0),
        ("1h 30m", 5400.0),
        ("1.5h", 5400.0),
        (" 10S ", 10.0),
        ("10 s", 10.0),
        ("0s", 0.0),
        (0, 0.0),
        (0.0, 0.0),
    ],
)
def test_reads_numbers_with_units(text: object, seconds: float) -> None:
    assert parse_duration_s(text) == pytest.approx(seconds, abs=1e-12)


@given(st.integers(0, 10_000), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_adds_up_the_parts(hours: int, minutes: int, seconds: int, milliseconds: int) -> None:
    text = f"{hours}h{minutes}m{seconds}s{milliseconds}ms"
    expected = hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
    assert parse_duration_s(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "value",
    ["10", 10, 0.5, -1, "", "  ", "s", "ten seconds", "10x", "-5s", "5s!", "1e3s", ".5s", "10s10", None],
)
def test_rejects_a_duration_without_a_unit_or_invalid(value: object) -> None:
    with pytest.raises(ValueError, match=r'"10s", "5m" or "1h30m"'):
        parse_duration_s(value)


@pytest.mark.parametrize("value", [True, False, [], {}])
def test_rejects_other_types(value: object) -> None:
    with pytest.raises(ValueError, match="unit"):
        parse_duration_s(value)


class Pause(Settings):
    length: Duration = 1.0


def test_field_holds_plain_seconds() -> None:
    made = Pause.parse_obj({"length": "2m"})
    assert made.length == 120.0
    assert type(made.length) is float
    with pytest.raises(ValidationError):
        Pause.parse_obj({"length": 120})
