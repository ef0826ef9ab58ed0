"""The example's trigger and golden path tell the story as it is told in the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from example_bot.triggers import bulk_edit_opportunity
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.knowledge.golden_path import load_golden_paths
from rasa_autoplay.triggers.types import ProactiveTriggerContext

ROOT = Path(__file__).parents[2]
NOW = 1_700_000_000.0
EDIT_PAGE = "https://app.example.com/projects/:id/edit"


def action(title: str, seconds_ago: float, url: str = EDIT_PAGE) -> SlimAction:
    """Something that the user did."""
    return SlimAction(title=title, description="", canonical_url=url, timestamp_start=NOW - seconds_ago)


def saves(*seconds_ago: float) -> list[SlimAction]:
    """That many saves on the projects page."""
    return [action("Click Save changes", s) for s in seconds_ago]


def fires(actions: list[SlimAction], *remembered: str) -> bool:
    """Ask the trigger, as the engine does."""
    extra = {"eval_now": NOW, "remembered": frozenset(remembered)}
    context = ProactiveTriggerContext.from_slim_actions(
        actions, product_id="demo", session_id="s", conversation_id="c", context_extra=extra
    )
    return bulk_edit_opportunity(context)


@pytest.mark.parametrize(
    "actions",
    [
        saves(60, 30, 0),
        saves(120, 60, 1),
        saves(0, 60, 30),  # out of order
        saves(90, 60, 30, 0),
        [action("SAVE CHANGES", 3, "https://app.example.com/Projects"), *saves(2, 1)],
        [*saves(60, 50, 40), action("View projects", 1, "https://app.example.com/projects")],
    ],
)
def test_three_saves_within_two_minutes_fire(actions: list[SlimAction]) -> None:
    assert fires(actions)


@pytest.mark.parametrize(
    "actions",
    [
        [],
        saves(30, 0),
        saves(121, 60, 0),
        [*saves(60, 30), action("Click Save changes", 1, "https://app.example.com/settings")],
        [action("View dashboard", 0, "https://app.example.com/dashboard"), *saves(60, 40, 20)],
        [action("Click Bulk Edit", 100), *saves(60, 30, 0)],
        [action("Click Apply to 3", 100), *saves(60, 30, 0)],
        [action("Click Edit", 3), action("Click Edit", 2), action("Click Edit", 1)],
    ],
)
def test_anything_less_does_not_fire(actions: list[SlimAction]) -> None:
    assert not fires(actions)


def test_bulk_edit_seen_before_the_window_counts() -> None:
    assert not fires(saves(60, 30, 0), "bulk_edit_known")


def test_the_golden_path_is_four_tour_steps_and_five_chat_steps() -> None:
    (path,) = load_golden_paths(ROOT / "example_bot" / "golden_paths")
    assert [step["element"] for step in path.tour_steps()] == [
        "#projects-table-options",
        "#projects-bulk-edit-toggle",
        "#project-checkbox-P-1042",
        "#bulk-apply",
    ]
    assert path.how_to().count("\n") == 5
