"""``goal:`` of a trigger, with errors that name their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.rules import triggers

from rasa_autoplay.engine.goals.goal import DEFAULT_GOAL, Goal
from rasa_autoplay.errors import ConfigError

DAY_S = 86_400.0
RULE = """
  - id: help
    when: {count: {title: Click help, at_least: 1}}
    body: Want me to show you?
"""
#: The line of ``goal:`` after RULE and a path.
LINE = 8


def goal_of(folder: Path, goal: str, path: str = "    golden_path: export\n", rule: str = RULE) -> Goal:
    (only,) = triggers(folder, f"{rule}{path}    goal: {goal}\n" if goal else f"{rule}{path}")
    return only.goal


def test_default_is_the_golden_path_within_seven_days(tmp_path: Path) -> None:
    assert goal_of(tmp_path, "") == DEFAULT_GOAL == Goal(None, 7 * DAY_S)
    assert goal_of(tmp_path, "", path="") == DEFAULT_GOAL, "its decisions have no goal, and that is allowed"


def test_reads_a_window_of_its_own(tmp_path: Path) -> None:
    assert goal_of(tmp_path, "{within: 2h}") == Goal(None, 7200.0)


def test_reads_a_condition_of_the_rules_language(tmp_path: Path) -> None:
    goal = goal_of(tmp_path, "{count: {title: apply to, at_least: 1}, within: 1d}", path="")
    assert goal.condition is not None
    assert 'title "apply to"' in goal.condition.text
    assert goal.within_s == DAY_S


def test_within_belongs_to_the_goal_even_beside_a_sequence(tmp_path: Path) -> None:
    goal = goal_of(tmp_path, "{sequence: [{title: a}, {title: b}], within: 3d}")
    assert goal.within_s == 3 * DAY_S
    inner = goal_of(tmp_path, "{all: [{sequence: [{title: a}, {title: b}], within: 60s}], within: 3d}")
    assert inner.within_s == 3 * DAY_S


@pytest.mark.parametrize(
    "rule",
    [
        "\n  - id: it\n    when: {path: {stalled: any}}\n    body: Hm?\n",
        "\n  - id: it\n    when: {any: [{idle: 5s}, {memory: {in_progress: any}}]}\n    body: Hm?\n",
        "\n  - builtin: next_step\n",
        "\n  - builtin: workflow_stall\n",
    ],
)
def test_trigger_that_finds_a_workflow_needs_no_condition(tmp_path: Path, rule: str) -> None:
    assert goal_of(tmp_path, "{within: 1d}", path="", rule=rule) == Goal(None, DAY_S)


@pytest.mark.parametrize(
    ("goal", "path", "line", "words"),
    [
        ("{within: 1d}", "", LINE - 1, "no golden path to complete"),
        ("{}", "", LINE - 1, "no golden path to complete"),
        ("{within: 0s}", "    golden_path: export\n", LINE, "more than 0"),
        ("{within: soon}", "    golden_path: export\n", LINE, "is not a duration"),
        ("{within: 5}", "    golden_path: export\n", LINE, "has no unit"),
        ("{cout: {title: a, at_least: 1}}", "", LINE - 1, "did you mean 'count'"),
        ("{count: {title: a}}", "", LINE - 1, "at_least"),
        ("{count: {title: a, at_least: 1, within: 9h}}", "", LINE - 1, "longer than the window"),
        ("done", "", LINE - 1, "write a goal as a condition"),
        ("{never: {title: a}}", "", LINE - 1, "if the user does nothing"),
        ("{not: {on_page: /a}}", "", LINE - 1, "if the user does nothing"),
        ("{dwell: 60s}", "", LINE - 1, "passes by itself"),
        ("{all: [{on_page: /a}, {idle: 60s}]}", "", LINE - 1, "passes by itself"),
    ],
)
def test_refuses_goals_that_cannot_be_meant(
    tmp_path: Path, goal: str, path: str, line: int, words: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        goal_of(tmp_path, goal, path)
    assert words in str(refusal.value)
    assert f"autoplay.yml:{line}" in str(refusal.value)


@pytest.mark.parametrize("builtin", ["rage_click", "user_page_dwell", "canonical_url_ping_pong"])
def test_builtin_about_a_page_needs_a_condition(tmp_path: Path, builtin: str) -> None:
    with pytest.raises(ConfigError, match="no golden path to complete"):
        goal_of(tmp_path, "{within: 1d}", path="", rule=f"\n  - builtin: {builtin}\n")
