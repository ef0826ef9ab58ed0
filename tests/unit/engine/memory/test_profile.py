"""A user's memory, made of the analyses of their sessions."""

from __future__ import annotations

from typing import Any

import msgspec

from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.profile import InProgress, StrugglePattern, UserMemory, memory_of

PATHS = ["connect", "slack", "alerts"]


def visit(number: int, *findings: PathFinding) -> SessionAnalysis:
    return SessionAnalysis("demo", "u1", f"s{number}", number * 100.0, number * 100.0 + 50, 9, list(findings))


def finding(path_id: str, pct: float, **more: Any) -> PathFinding:
    whole = pct == 100.0
    return PathFinding(path_id, **{"attempts": 1, "completed": int(whole), "completion_pct": pct, **more})


def test_formats_the_profile_like_the_vendor() -> None:
    memory = memory_of(
        PATHS,
        [
            visit(1, finding("connect", 100.0), finding("slack", 85.0, missed=["verify"])),
            visit(2, finding("slack", 40.0, missed=["channel", "verify"])),
        ],
    )
    assert memory.as_dict() == {
        "knowledge_state": {
            "mastered": ["connect"],
            "in_progress": {
                "slack": {"attempts": 2, "last_issue": "missed step: channel", "best_completion_pct": 85.0}
            },
            "untouched": ["alerts"],
        },
        "journey_completion": {
            "completed_workflows": ["connect"],
            "total_known_workflows": 3,
            "completion_rate": 0.33,
        },
        "struggle_patterns": [],
    }
    assert msgspec.json.decode(msgspec.json.encode(memory), type=UserMemory) == memory


def test_new_user_has_an_empty_profile() -> None:
    memory = memory_of(PATHS, [])
    assert memory.knowledge_state.untouched == PATHS
    assert memory.journey_completion.completion_rate == 0.0
    assert memory.to_text() == ""
    assert memory_of([], []).journey_completion.completion_rate == 0.0


def test_mastered_path_stays_mastered() -> None:
    later = visit(2, finding("slack", 20.0, missed=["verify"], attempts=5))
    memory = memory_of(PATHS, [visit(1, finding("slack", 100.0)), later])
    assert memory.knowledge_state.mastered == ["slack"]
    assert memory.struggle_patterns == []


def test_obstacles_come_from_the_latest_session_in_any_storage_order() -> None:
    first = visit(1, finding("slack", 20.0, missed=["token", "verify"]))
    second = visit(2, finding("slack", 60.0, missed=["verify"], failed={"verify": 2, "token": 1}))
    for analyses in ([first, second], [second, first]):
        state = memory_of(PATHS, analyses).knowledge_state.in_progress["slack"]
        assert state == InProgress(2, "failed step: verify", 60.0)


def test_repeated_failures_are_a_struggle() -> None:
    memory = memory_of(
        PATHS,
        [
            visit(1, finding("slack", 40.0, missed=["verify"], failed={"token": 2}, rage=1)),
            visit(2, finding("slack", 40.0, missed=["verify"], failed={"token": 1}, attempts=2)),
            visit(3, finding("alerts", 10.0, missed=["rule"], failed={"rule": 2})),
        ],
    )
    assert memory.struggle_patterns == [
        StrugglePattern("slack", "repeated_attempts", 3),
        StrugglePattern("slack", "rage_clicks", 1),
        StrugglePattern("slack", "failures", 3, "token"),
    ]
    assert "Struggles with slack: failures, 3 times, at step token." in memory.to_text()


def test_omits_a_removed_path() -> None:
    memory = memory_of(
        ["connect"], [visit(1, finding("slack", 100.0), finding("connect", 50.0, missed=["x"]))]
    )
    assert memory.knowledge_state.mastered == []
    assert list(memory.knowledge_state.in_progress) == ["connect"]


def test_two_sessions_stopped_at_one_step_are_progress_and_three_a_struggle() -> None:
    stopped = [visit(number, finding("slack", 85.0, missed=["verify_connection"])) for number in range(3)]
    two, three = memory_of(PATHS, stopped[:2]), memory_of(PATHS, stopped)
    assert two.knowledge_state.in_progress == {"slack": InProgress(2, "missed step: verify_connection", 85.0)}
    assert two.struggle_patterns == []
    assert three.struggle_patterns == [
        StrugglePattern("slack", "repeated_attempts", 3),
        StrugglePattern("slack", "abandoned", 3, "verify_connection"),
    ]
