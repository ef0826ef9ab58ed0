"""How far a user has come in getting to know the product, and which workflows a newcomer should complete.

Names, fields and results are those of the vendor's SDK (``autoplay_sdk.user_adoption_state``), without what
only its language model uses.
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
    """Is the user still learning the basics?"""

    ONBOARDING = "onboarding"
    ONBOARDED = "onboarded"


class WorkflowStatus(str, Enum):
    """How far a user has come in one workflow."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


@dataclass
class StepProgress:
    """One step of a workflow.

    Args:
        step_id: the step.
        status: how far it is.
    """

    step_id: str
    status: WorkflowStatus = WorkflowStatus.NOT_STARTED


@dataclass
class WorkflowProgress:
    """One workflow.

    Args:
        workflow_id: the golden path's id.
        status: how far it is.
        steps: its steps, by id.
    """

    workflow_id: str
    status: WorkflowStatus = WorkflowStatus.NOT_STARTED
    steps: dict[str, StepProgress] = field(default_factory=dict)


@dataclass
class OnboardingState:
    """The user's onboarding.

    Args:
        workflow_progress: the workflows that were begun, by id.
        last_welcome_at: when onboarding help was last offered, epoch seconds; None for never.
        proactive_support_count: how often it was offered.
        onboarding_completed_at: when the user had completed it, epoch seconds; None before.
    """

    workflow_progress: dict[str, WorkflowProgress] = field(default_factory=dict)
    last_welcome_at: float | None = None
    proactive_support_count: int = 0
    onboarding_completed_at: float | None = None

    @property
    def completed_workflow_ids(self) -> list[str]:
        """The workflows that are complete, in the order in which they were begun."""
        return self._ids(WorkflowStatus.COMPLETED)

    @property
    def in_progress_workflow_ids(self) -> list[str]:
        """The workflows that were begun and are not complete, in that order."""
        return self._ids(WorkflowStatus.IN_PROGRESS)

    def outstanding_workflow_ids(self, plan_workflow_ids: Iterable[str]) -> list[str]:
        """Those of a plan's workflows that are not complete, in the plan's order."""
        completed = set(self.completed_workflow_ids)
        return [workflow_id for workflow_id in plan_workflow_ids if workflow_id not in completed]

    def _ids(self, status: WorkflowStatus) -> list[str]:
        return [name for name, progress in self.workflow_progress.items() if progress.status is status]


@dataclass
class UserAdoptionState:
    """One user, over all sessions.

    Args:
        user_id: who.
        metadata: what the app says of the user; ``role`` is read from it.
        journey_state: onboarding or onboarded.
        onboarding: the details.
        first_seen_at: epoch seconds.
    """

    user_id: str
    metadata: dict[str, Any] = field(default_factory=dict)
    journey_state: JourneyState = JourneyState.ONBOARDING
    onboarding: OnboardingState = field(default_factory=OnboardingState)
    first_seen_at: float = field(default_factory=time.time)

    @property
    def role(self) -> str | None:
        """The user's role in the app; None where it is not known."""
        role = self.metadata.get("role")
        return None if role is None else str(role)


@dataclass(frozen=True)
class WorkflowStep:
    """A step of a workflow in a plan.

    Args:
        step_id: the step.
        name: for people.
        description: what the user does.
        required: whether the workflow needs it.
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
        name: for people.
        description: what it achieves.
        why: why it matters to the user.
        role: only for users of this role; None for all.
        steps: in order.
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
        workflows: in order of importance.
    """

    workflows: list[OnboardingWorkflow] = field(default_factory=list)

    @property
    def workflow_ids(self) -> list[str]:
        """Their ids, in order."""
        return [workflow.workflow_id for workflow in self.workflows]

    def for_role(self, role: str | None) -> OnboardingPlan:
        """The plan of a user with this role; roles are compared without regard to case."""
        wanted = _normal(role)
        kept = [one for one in self.workflows if one.role is None or _normal(one.role) == wanted]
        return OnboardingPlan(kept)

    def next_eligible_workflows(self, completed_ids: Iterable[str]) -> list[OnboardingWorkflow]:
        """The workflows that the user can begin now, in the plan's order.

        A prerequisite that is not in the plan is never completed; it is logged, because it is most likely a
        mistake in the plan.
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
        Ids of those that are completed, in progress, and outstanding, in the plan's order. A workflow in
        progress is outstanding too.
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
    """How many of the workflow's steps are completed, from 0 to 1; 0 for a workflow without steps."""
    if progress is None or not workflow.steps:
        return 0.0
    done = {name for name, step in progress.steps.items() if step.status is WorkflowStatus.COMPLETED}
    return len({step.step_id for step in workflow.steps} & done) / len(workflow.steps)


def _normal(role: str | None) -> str:
    return (role or "").strip().lower()
