"""The gap is one next step, by what the user knows and where they are, or none."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.next_step import next_step_of
from rasa_autoplay.engine.knowledge.user_progress import PathPosition, WorkflowMemory

REPORTS = "https://app.example.com/reports"
PATHS = [
    GoldenPath.parse_obj(
        {"id": name, "title": name.title(), "page": page, "steps": [{"id": "a", "text": f"Open {name}"}]}
    )
    for name, page in (("export", "/reports"), ("share", "/reports"), ("invite", "/team"), ("any", ""))
]


def memory(state: Any, *, missing: str = "", struggles: bool = False) -> WorkflowMemory:
    return WorkflowMemory("", state, 1, 50.0, missing, struggles)


def position(*, done: int = 1, skipped: str = "") -> PathPosition:
    return PathPosition("Export", "Menu", "" if done == 3 else "Download", done, 3, 0.0, 0, skipped)


BEGUN = memory("in_progress", missing="Format")
STUCK = memory("in_progress", missing="Format", struggles=True)
NEW, MASTERED = memory("untouched"), memory("mastered")


@pytest.mark.parametrize(
    ("workflows", "positions", "page", "expected"),
    [
        ({}, {}, REPORTS, None),
        ({"export": MASTERED}, {}, REPORTS, None),
        ({"export": BEGUN}, {}, REPORTS, ("export", "missed", "Format")),
        ({"export": STUCK}, {}, REPORTS, ("export", "explain", "Format")),
        ({"export": NEW}, {}, REPORTS, ("export", "introduce", "Open export")),
        ({"export": NEW}, {}, "", None),
        ({"invite": NEW}, {}, REPORTS, None),
        ({"any": NEW}, {}, REPORTS, None),
        ({"export": NEW, "share": BEGUN}, {}, REPORTS, ("share", "missed", "Format")),
        ({"export": MASTERED, "share": NEW}, {}, REPORTS, ("share", "introduce", "Open share")),
        ({}, {"export": position()}, "", ("export", "continue", "Download")),
        ({}, {"export": position(skipped="Format")}, "", ("export", "missed", "Format")),
        ({"export": STUCK}, {"export": position()}, "", ("export", "explain", "Download")),
        ({"export": MASTERED}, {"export": position()}, REPORTS, None),
        ({"export": NEW}, {"export": position(done=3)}, REPORTS, None),
        ({"share": BEGUN}, {"export": position()}, REPORTS, ("export", "continue", "Download")),
        ({}, {"share": position(), "export": position()}, "", ("export", "continue", "Download")),
        ({}, {"share": position(), "export": position(done=3)}, "", ("share", "continue", "Download")),
    ],
)
def test_gap_is_one_step_or_none(workflows: Any, positions: Any, page: str, expected: Any) -> None:
    found = next_step_of(PATHS, workflows, positions, page)
    assert (found and (found.path_id, found.approach, found.step)) == expected
    assert found is None or found.step in found.text
