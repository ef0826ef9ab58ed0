"""The health of a path's elements follows from browsers' reports and from what users last did."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.gateway.studio.element_health import with_element_health


def problem(at: float, kind: str = "missing", times: int = 2, **other: Any) -> dict[str, Any]:
    row = {"path": "export", "step": "menu", "selector": "#menu", "page": "/reports", "problem": kind}
    return {**row, "times": times, "last_at": at, **other}


def judged(health: dict[str, Any], last_done_at: float | None = None) -> Any:
    steps = [
        {"id": "menu", "element": "#menu", "last_done_at": last_done_at},
        {"id": "say", "element": None, "last_done_at": None},
    ]
    path = with_element_health({"path_id": "export", "steps": steps}, health)
    assert path["steps"][1]["health"] is None, "a step of the chat only"
    return path["steps"][0]["health"]


@pytest.mark.parametrize(
    ("rows", "last_done_at", "state"),
    [
        ([], None, "unknown"),
        ([], 100.0, "found"),
        ([problem(200.0)], None, "missing"),
        ([problem(200.0)], 100.0, "missing"),
        ([problem(200.0)], 300.0, "found"),
        ([problem(200.0, "invalid")], 300.0, "invalid"),
        ([problem(200.0), problem(250.0, "invalid")], 220.0, "invalid"),
    ],
)
def test_state(rows: list[dict[str, Any]], last_done_at: float | None, state: str) -> None:
    assert judged({"tour_problems": rows}, last_done_at)["state"] == state


def test_reports_of_two_engines_are_joined() -> None:
    engines = {
        "a": {"tour_problems": [problem(200.0, page="/old")]},
        "b": {"tour_problems": [problem(300.0)]},
    }
    assert judged({"engines": engines}) == {"state": "missing", "at": 300.0, "page": "/reports", "times": 4}


def test_reports_about_another_selector_are_ignored() -> None:
    assert judged({"tour_problems": [problem(200.0, selector="#old")]})["state"] == "unknown"
