"""Stored sessions under today's golden paths: an analysis may be older than a path or a rule."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.profile import InProgress
from rasa_autoplay.engine.memory.stored_history import HistoryReader

IDS = ["options", "bulk-edit", "select", "priority", "apply"]
#: What the previous version stored for a user who kept the preset priority.
PRESET_LEFT_ALONE = {"done": ["options", "bulk-edit", "select", "apply"], "missed": ["priority"]}
GAVE_UP = {"done": ["options", "bulk-edit"], "missed": ["select", "priority", "apply"]}


def reader(*optional: str) -> HistoryReader:
    steps = [
        {"id": i, "text": f"Do {i}.", "done_when": {"element_id": i}, "optional": i in optional} for i in IDS
    ]
    path = GoldenPath.parse_obj({"id": "bulk-edit", "title": "Bulk edit", "steps": steps})
    return HistoryReader(PathTracker([path]))


def stored(pct: float, **finding: Any) -> SessionAnalysis:
    found = PathFinding("bulk-edit", 1, 0, pct, **finding)
    return SessionAnalysis("demo", "u1", "s1", 0.0, 50.0, 5, [found])


@pytest.mark.parametrize("optional", [[], ["priority"]])
def test_stored_session_with_the_last_step_has_mastered_the_path(optional: list[str]) -> None:
    analyses = [stored(80.0, **PRESET_LEFT_ALONE)]
    assert reader(*optional).memory_of(analyses).knowledge_state.mastered == ["bulk-edit"]
    known = reader(*optional).history_of(analyses).workflows["bulk-edit"]
    assert (known.state, known.best_completion_pct, known.missing_step) == ("mastered", 100.0, "")


def test_step_that_became_optional_is_not_missed() -> None:
    analyses = [stored(40.0, **GAVE_UP)]
    known = reader("select").memory_of(analyses).knowledge_state.in_progress["bulk-edit"]
    assert known == InProgress(1, "missed step: priority", 50.0)
    assert reader("select").history_of(analyses).workflows["bulk-edit"].missing_step == "Do priority."


def test_keeps_a_stored_session_that_names_no_current_step() -> None:
    analyses = [stored(85.0, done=["renamed"], missed=["verify"])]
    known = reader().memory_of(analyses).knowledge_state.in_progress["bulk-edit"]
    assert known == InProgress(1, "missed step: verify", 85.0)
