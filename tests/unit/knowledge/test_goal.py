"""What a group of actions is for."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.knowledge.goal import infer_goal
from rasa_autoplay.knowledge.golden_path import GoldenPath, load_golden_paths

BULK_EDIT = load_golden_paths(Path(__file__).parents[3] / "example_bot" / "golden_paths")
SHARE = GoldenPath.parse_obj(
    {
        "id": "share",
        "title": "Share a report",
        "steps": [
            {"id": "open", "text": "Open it.", "done_when": {"title": "open report"}},
            {"id": "share", "text": "Share it.", "done_when": {"title": "share"}},
        ],
    }
)
(BULK,) = (path for path in BULK_EDIT if path.id == "projects-bulk-edit")
PATHS = [BULK, SHARE]


def click(at: float, title: str, element_id: str = "") -> SlimAction:
    return SlimAction(
        title=title,
        description="",
        canonical_url="https://a.example/projects",
        type="click",
        timestamp_start=at,
        timestamp_end=at,
        element_id=element_id,
    )


MENU = click(1, "Click Table options", "projects-table-options")
TOGGLE = click(2, "Click Bulk edit", "projects-bulk-edit-toggle")
REPORT = click(3, "Click Open report")
SENT = click(4, "Click Share")
DETOUR = click(5, "Click Help")


def test_the_goal_is_the_path_along_which_the_actions_move() -> None:
    guess = infer_goal([TOGGLE, DETOUR, MENU], PATHS)
    assert guess is not None
    assert (guess.path.id, guess.completed, guess.completion_pct) == ("projects-bulk-edit", False, 40.0)
    assert [proof.title for proof in guess.proof] == ["Click Table options", "Click Bulk edit"]


def test_of_several_the_one_moved_in_last_is_meant() -> None:
    guess = infer_goal([MENU, TOGGLE, REPORT], PATHS)
    assert guess is not None
    assert guess.path.id == "share"


def test_what_is_done_is_no_longer_the_goal_while_another_is_under_way() -> None:
    unfinished = infer_goal([MENU, REPORT, SENT], PATHS)
    assert unfinished is not None
    assert unfinished.path.id == "projects-bulk-edit"
    done = infer_goal([REPORT, SENT], PATHS)
    assert done is not None
    assert (done.path.id, done.completed, done.completion_pct) == ("share", True, 100.0)


def test_without_a_begun_path_there_is_no_goal() -> None:
    assert infer_goal([], PATHS) is None
    assert infer_goal([DETOUR], PATHS) is None
    assert infer_goal([SENT], PATHS) is None, "one later step alone is no beginning"
    assert infer_goal([MENU], []) is None


@given(st.permutations([MENU, TOGGLE, REPORT, SENT, DETOUR]))
def test_the_order_of_arrival_does_not_matter(actions: list[SlimAction]) -> None:
    assert infer_goal(actions, PATHS) == infer_goal(sorted(actions, key=lambda a: a.timestamp_start), PATHS)
