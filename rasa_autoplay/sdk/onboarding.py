"""A user's progress in learning the product, and the workflows that a newcomer should complete.

Names, fields and results are those of the vendor's SDK (``autoplay_sdk.user_adoption_state``), without the
parts that only its language model uses.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

__all__ = [
    "JourneyState",
    "OnboardingPlan",
    "OnboardingState",
    "OnboardingWorkflow",
    "StepProgress",
    "UserAdoptionState",
    "WorkflowProgress",
    "WorkflowStatus",
    "WorkflowStep",
    "is_plan_complete",
    "split_workflows",
    "step_completion_ratio",
]

logger = logging.getLogger(__name__)


class JourneyState(str, Enum):
    """Whether the user is still learning the basics."""

    ONBOARDING = "onboarding"
    ONBOARDED = "onboarded"


class WorkflowStatus(str, Enum):
    """A user's progress in one workflow."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


@dataclass
class StepProgress:
    """A user's progress in one step of a workflow.

    Args:
        step_id: the step's id.
        status: the progress.
    """

    step_id: str
    status: WorkflowStatus = WorkflowStatus.NOT_STARTED


@dataclass
class WorkflowProgress:
    """A user's progress in one workflow and its steps.

    Args:
        workflow_id: the golden path's id.
        status: the progress.
        steps: the progress of each step, by id.
    """

    workflow_id: str
    status: WorkflowStatus = WorkflowStatus.NOT_STARTED
    steps: dict[str, StepProgress] = field(default_factory=dict)


@dataclass
class OnboardingState:
    """A user's onboarding.

    Args:
        workflow_progress: the workflows that the user has begun, by id.
        last_welcome_at: when onboarding help was last offered, in epoch seconds; None if never.
        proactive_support_count: how often onboarding help was offered.
        onboarding_completed_at: when the user completed the onboarding, in epoch seconds; None before.
    """

    workflow_progress: dict[str, WorkflowProgress] = field(default_factory=dict)
    last_welcome_at: float | None = None
    proactive_support_count: int = 0
    onboarding_completed_at: float | None = None

    @property
    def completed_workflow_ids(self) -> list[str]:
        """The completed workflows, in the order in which they were begun."""
        return self._ids(WorkflowStatus.COMPLETED)

    @property
    def in_progress_workflow_ids(self) -> list[str]:
        """The workflows in progress, in the order in which they were begun."""
        return self._ids(WorkflowStatus.IN_PROGRESS)

    def outstanding_workflow_ids(self, plan_workflow_ids: Iterable[str]) -> list[str]:
        """Return a plan's workflows that are not completed, in the plan's order."""
        completed = set(self.completed_workflow_ids)
        return [workflow_id for workflow_id in plan_workflow_ids if workflow_id not in completed]

    def _ids(self, status: WorkflowStatus) -> list[str]:
        return [name for name, progress in self.workflow_progress.items() if progress.status is status]


@dataclass
class UserAdoptionState:
    """One user over all sessions.

    Args:
        user_id: the user's id.
        metadata: the app's data about the user; :attr:`role` reads ``role`` from it.
        journey_state: onboarding or onboarded.
        onboarding: the details of the onboarding.
        first_seen_at: when the user was first seen, in epoch seconds.
    """

    user_id: str
    metadata: dict[str, Any] = field(default_factory=dict)
    journey_state: JourneyState = JourneyState.ONBOARDING
    onboarding: OnboardingState = field(default_factory=OnboardingState)
    first_seen_at: float = field(default_factory=time.time)

    @property
    def role(self) -> str | None:
        """The user's role in the app; None if unknown."""
        role = self.metadata.get("role")
        return None if role is None else str(role)


@dataclass(frozen=True)
class WorkflowStep:
    """A step of a workflow in a plan.

    Args:
        step_id: the step's id.
        name: the display name.
        description: what the user does.
        required: whether the workflow needs this step.
    """

    step_id: str
    name: str = ""
    description: str = ""
    required: bool = True


@dataclass(frozen=True)
class OnboardingWorkflow:
    """A workflow that a newcomer should complete.

    Args:
        workflow_id: the golden path's id.
        name: the display name.
        description: what the workflow achieves.
        why: why it matters to the user.
        role: the role that the workflow is for; None for all.
        steps: the steps, in order.
        prerequisite_workflow_ids: workflows to complete first.
    """

    workflow_id: str
    name: str = ""
    description: str = ""
    why: str = ""
    role: str | None = None
    steps: tuple[WorkflowStep, ...] = ()
    prerequisite_workflow_ids: tuple[str, ...] = ()

    @property
    def required_step_ids(self) -> list[str]:
        """The steps that the workflow needs, in order."""
        return [step.step_id for step in self.steps if step.required]


@dataclass
class OnboardingPlan:
    """The workflows that a newcomer should complete.

    Args:
        workflows: the workflows, in order of importance.
    """

    workflows: list[OnboardingWorkflow] = field(default_factory=list)

    @property
    def workflow_ids(self) -> list[str]:
        """The workflows' ids, in order."""
        return [workflow.workflow_id for workflow in self.workflows]

    def for_role(self, role: str | None) -> OnboardingPlan:
        """Return the plan for a user with this role; roles are compared case-insensitively."""
        wanted = _normal(role)
        kept = [one for one in self.workflows if one.role is None or _normal(one.role) == wanted]
        return OnboardingPlan(kept)

    def next_eligible_workflows(self, completed_ids: Iterable[str]) -> list[OnboardingWorkflow]:
        """Return the workflows that the user can begin now, in the plan's order.

        A prerequisite that is not in the plan is logged as a probable mistake.
        """
        completed = {str(one).strip() for one in completed_ids}
        known = set(self.workflow_ids)
        eligible = []
        for workflow in self.workflows:
            missing = [one for one in workflow.prerequisite_workflow_ids if one not in completed]
            for one in missing:
                if one not in known:
                    logger.warning(
                        "The onboarding plan has no workflow %r, which %r requires.", one, workflow
                    )
            if not missing and workflow.workflow_id not in completed:
                eligible.append(workflow)
        return eligible


def split_workflows(
    plan: OnboardingPlan, workflow_progress: Mapping[str, WorkflowProgress]
) -> tuple[list[str], list[str], list[str]]:
    """Sort a plan's workflows by their state.

    Returns:
        The ids of the completed, in-progress and outstanding workflows, each in the plan's order. A workflow
        in progress is also outstanding.
    """
    status = {
        name: workflow_progress[name].status if name in workflow_progress else WorkflowStatus.NOT_STARTED
        for name in plan.workflow_ids
    }
    completed = [name for name in status if status[name] is WorkflowStatus.COMPLETED]
    in_progress = [name for name in status if status[name] is WorkflowStatus.IN_PROGRESS]
    return completed, in_progress, [name for name in status if name not in completed]


def is_plan_complete(plan: OnboardingPlan, workflow_progress: Mapping[str, WorkflowProgress]) -> bool:
    """Whether every workflow of the plan is completed; an empty plan never is."""
    return bool(plan.workflows) and not split_workflows(plan, workflow_progress)[2]


def step_completion_ratio(workflow: OnboardingWorkflow, progress: WorkflowProgress | None) -> float:
    """Return the share of the workflow's steps that are completed; 0 for a workflow without steps."""
    if progress is None or not workflow.steps:
        return 0.0
    done = {name for name, step in progress.steps.items() if step.status is WorkflowStatus.COMPLETED}
    return len({step.step_id for step in workflow.steps} & done) / len(workflow.steps)


def _normal(role: str | None) -> str:
    return (role or "").strip().lower()
