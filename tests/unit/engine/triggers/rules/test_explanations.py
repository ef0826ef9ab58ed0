"""How a rule explains in numbers why it fires or how near it is, and when time alone will change that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.rules import PAGE, T0, KnownPaths, KnownUser, asked, did, rule

from rasa_autoplay.engine.knowledge.user_progress import PathPosition, WorkflowMemory
from rasa_autoplay.events.models import SlimAction

DASHBOARD = "https://app.example.com/dashboard"
EXPORT = WorkflowMemory("Export a report", "in_progress", 2, 85.0, "Check the message", struggles=True)
STEP = PathPosition("Export a report", "Choose a format", "Press Export", 1, 3, T0, 4, "Pick a report")


def saves(*ats: float) -> list[SlimAction]:
    return [did("Click Save changes", at) for at in ats]


@pytest.mark.parametrize(
    ("when", "actions", "now", "finding", "nearness", "changes_at"),
    [
        (
            "{count: {title: save, at_least: 3, within: 60s}}",
            saves(0, 40, 50),
            74,
            "2 of 3; another left the window 14 s ago",
            2 / 3,
            None,
        ),
        ("{count: {title: save, at_least: 3, within: 60s}}", saves(40, 50), 60, "2 of 3", 2 / 3, None),
        (
            "{count: {title: save, at_least: 2, within: 60s}}",
            saves(0, 10, 20),
            20,
            "3 of 2",
            1.0,
            70.001,
        ),
        (
            "{on_page: /projects}",
            [did("View", 0, DASHBOARD)],
            0,
            f"page is {DASHBOARD}, needs /projects",
            0.0,
            None,
        ),
        ("{on_page: /projects}", [did("a", 0, "")], 0, "page is unknown, needs /projects", 0.0, None),
        ("{never: {title: save}}", saves(0), 0, 'happened: title "save"', 0.0, None),
        ("{never: {title: bulk}}", saves(0), 0, 'not so far: title "bulk"', 1.0, None),
        (
            "{absent: {title: save, within: 60s}}",
            saves(0, 10),
            30,
            'title "save" 20 s ago, must be more than 60 s',
            1 / 3,
            70.001,
        ),
        ("{absent: {title: bulk, within: 60s}}", saves(0), 0, 'none within 60 s: title "bulk"', 1.0, None),
        ("{dwell: 60s}", saves(0, 30), 42, "on the page for 42 of 60 s", 0.7, 60.0),
        (
            "{dwell: {at_least: 60s, max_actions: 1}}",
            saves(0, 30),
            42,
            "on the page for 42 of 60 s, but with 2 actions there (at most 1)",
            0.7,
            None,
        ),
        ("{dwell: 60s}", [did("a", 0, "")], 42, "no action on a known page yet", 0.0, None),
        ("{idle: 30s}", saves(0, 10), 22, "idle for 12 of 30 s", 0.4, 40.0),
        (
            "{repeat: {at_least: 3, within: 20s}}",
            [did("Export", 0, element_id="e"), did("Export now", 1, element_id="e"), did("Other", 2)],
            2,
            '2 of 3 on "Export now"',
            2 / 3,
            None,
        ),
        (
            "{repeat: {at_least: 2, within: 20s}}",
            [did("Export", at) for at in (0, 1, 4)],
            4,
            '3 of 2 on "Export"',
            1.0,
            21.001,
        ),
        (
            "{sequence: [{title: edit}, {title: save}], within: 60s}",
            [did("Edit", 0)],
            1,
            '1 of 2 steps; needs title "save" next',
            0.5,
            None,
        ),
        (
            "{sequence: [{title: edit}, {title: save}], within: 60s}",
            [did("Edit", 0), did("Edit", 5), did("Save", 6), did("Edit", 7)],
            7,
            "2 of 2 steps",
            1.0,
            65.001,
        ),
        (
            "{failure: {at_least: 3, kind: error, within: 60s}}",
            [did("a", 0, signal="error"), did("b", 1, DASHBOARD, signal="error"), did("c", 2, DASHBOARD)],
            2,
            "1 of 3 failures in a row",
            1 / 3,
            None,
        ),
    ],
)
def test_explains_conditions_in_numbers(
    tmp_path: Path,
    when: str,
    actions: Sequence[SlimAction],
    now: float,
    finding: str,
    nearness: float,
    changes_at: float | None,
) -> None:
    explanation = rule(tmp_path, when).explain(asked(actions, now), None)
    (verdict,) = explanation.conditions
    assert verdict.finding == finding
    assert verdict.nearness == pytest.approx(nearness)
    assert explanation.fired is verdict.holds is (nearness == 1.0)
    assert verdict.changes_at == (None if changes_at is None else pytest.approx(T0 + changes_at, abs=1e-6))


@pytest.mark.parametrize(
    ("when", "holds", "finding"),
    [
        ("{segment: {email_domain: acme.com}}", True, "e-mail domain is eu.acme.com"),
        ("{segment: {email_domain: me.com}}", False, "e-mail domain is eu.acme.com, needs me.com"),
        ("{segment: {user: new}}", False, "the user is returning, needs new"),
        ("{segment: {away: 3d}}", True, "last visit 4.0 days ago, needs 3 days"),
        ("{segment: {properties: {plan: [pro, team]}}}", True, "plan is Pro"),
        ("{segment: {properties: {seats: 3}}}", False, "seats is unknown"),
        ("{memory: {mastered: export}}", False, "export is in progress (2 attempts, 85%), with repeated"),
        ("{memory: {struggle: export}}", True, "with repeated struggle"),
        ("{memory: {untouched: invite-team}}", False, "invite-team is not known"),
        ("{memory: {in_progress: any, attempts: 3}}", False, "2 attempts"),
        (
            "{path: {stalled: export, for: 60s, actions: 8}}",
            False,
            "at step 'Choose a format' for 42 of 60 s",
        ),
        ("{path: {stalled: export, actions: 4}}", True, "4 of 4 actions"),
        ("{path: {off_path: any}}", False, "Export a report: still at step 'Choose a format'"),
        ("{path: {skipped_step: any}}", True, "skipped 'Pick a report'"),
        ("{path: {begun: export}}", True, "1 of 3 steps done"),
        ("{path: {begun: invite-team}}", False, "none of these workflows is in progress"),
    ],
)
def test_explains_conditions_on_the_user(tmp_path: Path, when: str, holds: bool, finding: str) -> None:
    user = KnownUser({"plan": "Pro"}, T0 - 4 * 86_400 + 42, {"export": EXPORT})
    facts = {
        "user_history": user,
        "workflow_progress": KnownPaths({"export": STEP}),
        "email": "ann@eu.acme.com",
    }
    explanation = rule(tmp_path, when).explain(asked(saves(0), 42, **facts), None)
    assert explanation.fired is holds
    assert finding in explanation.to_text()
    assert "ann" not in explanation.to_text(), "the address itself is nobody's business"


@pytest.mark.parametrize(
    "when",
    [
        "{segment: {user: new}}",
        "{segment: {away: 3d}}",
        "{segment: {properties: {plan: pro}}}",
        "{memory: {untouched: any}}",
        "{path: {stalled: any}}",
    ],
)
def test_user_conditions_fail_without_memory(tmp_path: Path, when: str) -> None:
    trigger = rule(tmp_path, when)
    explanation = trigger.explain(asked(saves(0), 10_000), None)
    assert not explanation.fired
    assert explanation.to_text() == "memory is not available"
    assert trigger.wakes_at is not None
    assert trigger.wakes_at(asked(saves(0), 0)) is None


def test_lists_parts_of_all_side_by_side_and_parts_of_any_nested(tmp_path: Path) -> None:
    when = "{all: [{on_page: /projects}, {any: [{idle: 30s}, {dwell: 60s}]}, {not: {on_page: /x}}]}"
    explanation = rule(tmp_path, when).explain(asked(saves(0, 6), 12), None)
    assert [verdict.holds for verdict in explanation.conditions] == [True, False, True]
    either = explanation.conditions[1]
    assert [part.finding for part in either.conditions] == [
        "idle for 6 of 30 s",
        "on the page for 12 of 60 s",
    ]
    assert either.finding == "idle for 6 of 30 s or on the page for 12 of 60 s"
    assert either.changes_at == T0 + 36
    assert explanation.to_text() == either.finding
    assert 0.5 < explanation.nearness < 1


def test_offer_carries_the_explanation(tmp_path: Path) -> None:
    result = rule(tmp_path, "{on_page: /projects, count: {title: save, at_least: 2}}").evaluate(
        asked(saves(0, 1), 1)
    )
    assert result is not None
    assert result.metadata["rule"] == f"page is {PAGE}; 2 of 2"


@pytest.mark.parametrize(
    ("body", "when", "said"),
    [
        (
            "At {step}? Next: {next_step}.",
            "{path: {stalled: any, actions: 1}}",
            "At Choose a format? Next: Press Export.",
        ),
        ("{workflow}: {steps_done}, {steps_left}", "{path: {begun: any}}", "Export a report: 1, 2"),
        (
            "{completion} after {attempts}: {missing_step}",
            "{memory: {in_progress: any}}",
            "85% after 2: Check the message",
        ),
    ],
)
def test_body_names_the_rules_workflow(tmp_path: Path, body: str, when: str, said: str) -> None:
    facts: dict[str, Any] = {
        "user_history": KnownUser(workflows={"export": EXPORT}),
        "workflow_progress": KnownPaths({"export": STEP}),
    }
    trigger = rule(tmp_path, when, f'"{body}"')
    result = trigger.evaluate(asked(saves(0), 0, **facts))
    assert result is not None
    assert result.body == said
    assert trigger.text_of(result) == said
    assert trigger.fixed_text == "", "without a result, the names would be said themselves"
    assert result.metadata["golden_path"] == "export"
