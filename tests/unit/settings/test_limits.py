"""``courtesy`` of ``autoplay.yml``: valid values, and the errors for others."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.limits import Boundary, LimitSettings, find_zone
from rasa_autoplay.settings.yaml_file import YamlFile


def read(folder: Path, limits: str) -> LimitSettings:
    path = folder / "autoplay.yml"
    path.write_text(f"product_id: demo\ncourtesy:\n  {limits}\n", encoding="utf-8")
    return YamlFile(path).read(EngineSettings).courtesy


def test_accepts_every_limit(tmp_path: Path) -> None:
    text = """\
min_interval: 5m
  per_user_per_day: 3
  snooze: 12h
  hold_until: [save, Navigation, idle  3s]
  max_wait: 20s
  quiet_hours: {from: "20:00", to: "8:30", tz: Europe/Berlin, fallback_tz: UTC}"""
    limits = read(tmp_path, text)
    assert (limits.min_interval, limits.per_user_per_day, limits.snooze) == (300.0, 3, 43_200.0)
    assert [(b, b.idle_s) for b in limits.hold_until] == [("save", 0), ("navigation", 0), ("idle 3s", 3)]
    assert limits.max_wait == 20.0
    assert limits.quiet_hours is not None
    assert (limits.quiet_hours.from_, limits.quiet_hours.to) == (time(20), time(8, 30))


def test_reads_times_of_day_without_quotes(tmp_path: Path) -> None:
    hours = read(tmp_path, "quiet_hours: {from: 20:00, to: 08:00}").quiet_hours
    assert hours is not None
    assert (hours.from_, hours.to, hours.tz) == (time(20), time(8), "user")


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        ("per_user_per_day: 0", "per_user_per_day"),
        ("max_wait: 20", "has no unit"),
        ("hold_until: [lunch]", "'lunch' is not a boundary"),
        ("hold_until: [idle]", "'idle' is not a boundary"),
        ("hold_until: [idle 0s]", "'idle 0s' is not a boundary"),
        ("hold_until: [idle 3]", "'3' is not a duration"),
        ("hold_until: [3]", "3 is not a boundary"),
        ('quiet_hours: {from: "25:00", to: "08:00"}', "'25:00' is not a time of day"),
        ('quiet_hours: {from: 8, to: "08:00"}', "8 is not a time of day"),
        ('quiet_hours: {from: "08:00", to: "8:00"}', "must be different times"),
        ('quiet_hours: {from: "20:00", to: "8:00", tz: Berlin}', "'Berlin' is not a known time zone"),
        ('quiet_hours: {from: "20:00", to: "8:00", fallback_tz: user}', "'user' is not a known time zone"),
        ('quiet_hours: {from: "20:00"}', "this key is required"),
        ("per_user_day: 3", "did you mean 'per_user_per_day'"),
    ],
)
def test_rejects_nonsense_with_its_line(tmp_path: Path, limits: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        read(tmp_path, limits)
    assert complaint in str(refusal.value)
    assert str(refusal.value).startswith("autoplay.yml:3: courtesy.")


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "x" * 5000, "a\0b", "Europe/Berlin "],
)
def test_unknown_time_zone_name_finds_no_zone(name: str) -> None:
    assert find_zone(name) is None


@pytest.mark.parametrize("value", [None, {}, True, "idle -3s", "saved"])
def test_rejects_an_unknown_boundary(value: Any) -> None:
    with pytest.raises(ValueError, match=r"is not a (boundary|duration)"):
        Boundary.parse(value)
