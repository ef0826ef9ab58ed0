"""The exploration gate and the onboarding state, with the vendor SDK's results."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from rasa_autoplay import (
    ExplorationGateConfig,
    JourneyState,
    OnboardingPlan,
    OnboardingState,
    OnboardingWorkflow,
    StepProgress,
    UserAdoptionState,
    WorkflowProgress,
    WorkflowStatus,
    WorkflowStep,
    evaluate_hard_gate,
    is_plan_complete,
    split_workflows,
    step_completion_ratio,
)

NOW = 10_000.0
PLAN = OnboardingPlan(
    [
        OnboardingWorkflow(
            "connect", role="Admin", steps=(WorkflowStep("url"), WorkflowStep("name", required=False))
        ),
        OnboardingWorkflow("dashboard", prerequisite_workflow_ids=("connect",)),
        OnboardingWorkflow("report", prerequisite_workflow_ids=("dashboard", "connect")),
    ]
)


def gate(state: UserAdoptionState, seconds: float = 60.0, features: int = 3, **conditions: Any) -> str:
    passed, reason = evaluate_hard_gate(
        state,
        now=NOW,
        seconds_on_app=seconds,
        distinct_features_seen=features,
        cfg=replace(ExplorationGateConfig(), **conditions),
    )
    assert passed == (reason == "ok")
    return reason


def user(**onboarding: Any) -> UserAdoptionState:
    return UserAdoptionState("u1", metadata={"role": "Admin "}, onboarding=OnboardingState(**onboarding))


@pytest.mark.parametrize(
    ("state", "arguments", "reason"),
    [
        (user(), {}, "ok"),
        (user(), {"seconds": 59.9}, "exploring_min_time_not_met"),
        (user(), {"features": 2}, "exploring_min_features_not_met"),
        (user(), {"role_allowlist": frozenset({"ADMIN"})}, "ok"),
        (user(), {"role_allowlist": frozenset({"viewer"})}, "role_not_allowed:Admin"),
        (UserAdoptionState("u2"), {"role_allowlist": frozenset({"admin"})}, "role_not_allowed:unknown"),
        (user(proactive_support_count=3), {}, "nudge_cap_reached"),
        (user(last_welcome_at=NOW - 599), {}, "within_cooldown"),
        (user(last_welcome_at=NOW - 600), {}, "ok"),
        # The first applicable reason is returned.
        (user(proactive_support_count=3, last_welcome_at=NOW), {"seconds": 0.0}, "nudge_cap_reached"),
        (replace(user(), journey_state=JourneyState.ONBOARDED), {"seconds": 0.0}, "already_onboarded"),
    ],
)
def test_gate_returns_the_first_reason(
    state: UserAdoptionState, arguments: dict[str, Any], reason: str
) -> None:
    assert gate(state, **arguments) == reason


def progress(**status: WorkflowStatus) -> dict[str, WorkflowProgress]:
    return {name: WorkflowProgress(name, each) for name, each in status.items()}


def test_plan_sorts_workflows_by_state() -> None:
    known = progress(dashboard=WorkflowStatus.COMPLETED, connect=WorkflowStatus.IN_PROGRESS)
    assert split_workflows(PLAN, known) == (["dashboard"], ["connect"], ["connect", "report"])
    state = OnboardingState(workflow_progress=known)
    assert state.completed_workflow_ids == ["dashboard"]
    assert state.in_progress_workflow_ids == ["connect"]
    assert state.outstanding_workflow_ids(PLAN.workflow_ids) == ["connect", "report"]


def test_plan_is_complete_when_all_workflows_are() -> None:
    assert not is_plan_complete(PLAN, progress(connect=WorkflowStatus.COMPLETED))
    assert is_plan_complete(PLAN, progress(**dict.fromkeys(PLAN.workflow_ids, WorkflowStatus.COMPLETED)))
    assert not is_plan_complete(OnboardingPlan(), {})


def test_workflow_waits_for_its_prerequisites(caplog: pytest.LogCaptureFixture) -> None:
    def eligible(*done: str) -> list[str]:
        return [workflow.workflow_id for workflow in PLAN.next_eligible_workflows(done)]

    assert eligible() == ["connect"]
    assert eligible("connect") == ["dashboard"]
    assert eligible("connect", "dashboard") == ["report"]
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        OnboardingPlan([OnboardingWorkflow("a", prerequisite_workflow_ids=("b",))]).next_eligible_workflows(
            []
        )
    assert "'b'" in caplog.text


def test_plan_for_a_role_includes_workflows_for_all_roles() -> None:
    assert PLAN.for_role(" admin").workflow_ids == ["connect", "dashboard", "report"]
    assert PLAN.for_role(None).workflow_ids == ["dashboard", "report"]


def test_counts_steps() -> None:
    connect = PLAN.workflows[0]
    done = WorkflowProgress("connect", steps={"url": StepProgress("url", WorkflowStatus.COMPLETED)})
    assert step_completion_ratio(connect, done) == 0.5
    assert step_completion_ratio(connect, None) == 0.0
    assert step_completion_ratio(PLAN.workflows[1], done) == 0.0
    assert connect.required_step_ids == ["url"]
