"""An event becomes a line that people can read, and that cannot control their terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rasa_autoplay.tools.live_tail.columns import columns_of
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


LONG: dict[str, Any] = {
    **ACTION,
    "user_id": "anna.berg@fernway.example.com",
    "session_id": "0199a7b2-4c1e-7d3f-8a90-5b6c7d8e9f01",
    "title": "Click Save all of the changes in every selected project",
    "page": "https://app.example.com/projects/:id/edit",
}


@pytest.mark.parametrize("width", [48, 80, 100, 132])
@pytest.mark.parametrize(
    "moment",
    [
        LONG,
        {**LONG, "title": "選択したすべてのプロジェクトの変更を保存する" * 3},
        {**LONG, "title": "x" * 400},
        {**LONG, "kind": "offer", "trigger_id": "bulk", "status": "seen", "body": "Shall I show you? " * 12},
        _held(until=AT + 290, user_id="u" * 100),
        {"kind": "lost", "at": AT, "text": "7 lines were left out. " * 9},
    ],
)
def test_fits_the_terminal_and_leaves_nothing_out(moment: dict[str, Any], width: int) -> None:
    lines = line_of(moment, width=width).split("\n")
    assert max(map(columns_of, lines)) <= width
    for line in lines[1:]:
        assert re.match(r" {20}\S", line), "below the user, or below the text"
    told = "".join(" ".join(lines).split())
    name = next(name for name in ("body", "title", "detail", "text") if name in moment)
    assert "".join(moment[name].split()) in told


def test_shortens_ids_in_the_middle_and_drops_the_page_s_origin() -> None:
    first = line_of(LONG, width=80).split("\n")[0]
    assert "  anna.be…le.com  019…f01  Click " in re.sub(r"^\S+", "", first)
    assert "on /projects/:id/edit (capture)" in " ".join(line_of(LONG, width=80).split())


def test_uses_the_width_that_there_is() -> None:
    assert "\n" in line_of(LONG, width=80)
    wide = line_of(LONG, width=200)
    assert "\n" not in wide
    assert LONG["user_id"] in wide


def test_a_narrower_terminal_gets_lines_of_48_columns() -> None:
    assert line_of(LONG, width=10) == line_of(LONG, width=48)


def test_a_colour_covers_all_lines() -> None:
    coloured = line_of(LONG, colours=True, width=80)
    assert coloured.count("\x1b[") == 2
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == line_of(LONG, width=80)
