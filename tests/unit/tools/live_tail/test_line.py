"""An event becomes a line that people can read, and that cannot control their terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rasa_autoplay.tools.live_tail.line import line_of

AT = 1_700_000_000.0
WHOSE = {"at": AT, "user_id": "u1", "session_id": "ps_1"}
ACTION = {
    "kind": "action",
    **WHOSE,
    "type": "click",
    "title": "Click Save changes",
    "page": "/projects",
    "source": "capture",
}
FIRED = {"kind": "decision", **WHOSE, "outcome": "fired", "trigger_id": "bulk"}


def _held(**how: Any) -> dict[str, Any]:
    return {**FIRED, "outcome": "stopped", "gate": "min_interval", "detail": "the last was 10s ago", **how}


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (ACTION, "action    u1  ps_1  Click Save changes on /projects (capture)"),
        (
            {**ACTION, "user_id": None, "page": "", "signal": "rage_click"},
            "action    -  ps_1  Click Save changes [rage_click] on ? (capture)",
        ),
        (FIRED, "fired     u1  ps_1  bulk"),
        (
            {**FIRED, "outcome": "withheld", "variant": "a", "detail": "the user is in the holdout"},
            "withheld  u1  ps_1  bulk (a): the user is in the holdout",
        ),
        (
            _held(until=AT + 290),
            "stopped   u1  ps_1  bulk: min_interval, for 4m50s: the last was 10s ago",
        ),
        (_held(for_ever=True), "stopped   u1  ps_1  bulk: min_interval, forever: the last was 10s ago"),
        (_held(until=0.0), "stopped   u1  ps_1  bulk: min_interval: the last was 10s ago"),
        (
            {"kind": "offer", **WHOSE, "trigger_id": "bulk", "status": "seen", "body": "Shall I?"},
            "offer     u1  ps_1  bulk is seen: Shall I?",
        ),
        (
            {"kind": "pause", "at": AT, "outcome": "paused", "trigger_id": "", "text": "Ann paused bulk: x"},
            "paused    Ann paused bulk: x",
        ),
        (
            {"kind": "lost", "at": AT, "text": "7 lines were left out.", "count": 7},
            "lost      7 lines were left out.",
        ),
    ],
)
def test_line_shows_time_event_and_user(moment: dict[str, Any], told: str) -> None:
    time, line = line_of(moment).split("  ", 1)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", time)
    assert line == told


def test_prints_colours_only_when_requested() -> None:
    assert "\x1b" not in line_of(FIRED)
    coloured = line_of(FIRED, colours=True)
    assert coloured.endswith("\x1b[0m")
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == line_of(FIRED)


@pytest.mark.parametrize("hostile", ["\x1b]0;owned\x07", "\r\n12:00:00  offered", "\u202egnp.exe", "\x9b2J"])
def test_escapes_control_sequences_from_pages(hostile: str) -> None:
    line = line_of({**ACTION, "title": f"Click {hostile}", "user_id": hostile})
    assert line.isprintable()


def test_tolerates_unknown_events_of_a_newer_engine() -> None:
    assert line_of({"kind": "dance", "at": "today"}).split("  ", 1)[1].strip() == "dance"
