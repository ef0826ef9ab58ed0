"""The example's trigger, as a rule and in Python, and its golden path tell the story of the README."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from example_bot.triggers import bulk_edit_opportunity
from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

ROOT = Path(__file__).parents[2]
NOW = 1_700_000_000.0
EDIT_PAGE = "https://app.example.com/projects/:id/edit"


def action(title: str, seconds_ago: float, url: str = EDIT_PAGE) -> SlimAction:
    """Return a user's action."""
    return SlimAction(title=title, description="", canonical_url=url, timestamp_start=NOW - seconds_ago)


def saves(*seconds_ago: float) -> list[SlimAction]:
    """Return that many saves on the projects page."""
    return [action("Click Save changes", s) for s in seconds_ago]


def asked(actions: list[SlimAction], **extra: Any) -> ProactiveTriggerContext:
    """Return a context without memory: everything is in the actions."""
    return ProactiveTriggerContext.from_slim_actions(
        actions, product_id="demo", session_id="s", context_extra={"eval_now": NOW, **extra}
    )


def the_rule() -> ConfiguredTrigger:
    """Return the trigger of ``autoplay.yml``."""
    file = YamlFile(ROOT / "autoplay.yml")
    (trigger, _) = load_triggers(file.read(EngineSettings), ["projects-bulk-edit"], file)
    return trigger


def both_ways() -> list[Callable[[ProactiveTriggerContext], bool]]:
    """The trigger as a rule, and in Python."""
    rule = the_rule()
    return [bulk_edit_opportunity, lambda ctx: rule.evaluate(ctx) is not None]


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
    assert [fires(asked(actions)) for fires in both_ways()] == [True, True]


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
def test_fewer_saves_do_not_fire(actions: list[SlimAction]) -> None:
    assert [fires(asked(actions)) for fires in both_ways()] == [False, False]


def test_bulk_edit_before_the_window_counts() -> None:
    rule = the_rule()
    remembered = frozenset({"bulk_edit_known", *rule.remembers})
    context = asked(saves(60, 30, 0), remembered=remembered)
    assert [fires(context) for fires in both_ways()] == [False, False]
    assert list(rule.remembers)
    assert all(matches(action("Click Bulk Edit", 900)) for matches in rule.remembers.values())


def test_golden_path_has_four_tour_steps_and_five_chat_steps() -> None:
    (path,) = load_golden_paths(ROOT / "example_bot" / "golden_paths")
    assert [step.element for step in path.tour_steps()] == [
        "#projects-table-options",
        "#projects-bulk-edit-toggle",
        "[id^=project-checkbox-]",
        "#bulk-apply",
    ]
    assert path.how_to().count("\n") == 5
