"""What triggers know beyond the session's actions: the user's history, and the progress in workflows.

A context has them as ``context_extra["user_history"]`` and ``context_extra["workflow_progress"]``. If one is
missing, a condition that needs it does not hold, and its finding says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from rasa_autoplay.events.user_properties import PropertyValue

__all__ = [
    "ActionKey",
    "NextStep",
    "PathPosition",
    "UserHistory",
    "WorkflowFailures",
    "WorkflowMemory",
    "WorkflowProgress",
]


@dataclass(frozen=True, slots=True)
class WorkflowMemory:
    """The memory of a user and one workflow, from earlier sessions.

    Args:
        title: title of the workflow.
        state: ``mastered``, ``in_progress`` or ``untouched``.
        attempts: how often it was begun.
        best_completion_pct: the best completion so far, 0 to 100.
        missing_step: title of the first step that was never done; empty for none.
        struggles: whether the user struggled repeatedly.
        failed_step: title of the step with which the user struggles; empty if it is not a single step.
        completions: in how many sessions it was completed.
    """

    title: str
    state: Literal["mastered", "in_progress", "untouched"] = "untouched"
    attempts: int = 0
    best_completion_pct: float = 0.0
    missing_step: str = ""
    struggles: bool = False
    failed_step: str = ""
    completions: int = 0

    @property
    def hard_step(self) -> str:
        """The step to help with first: the one with trouble, or else the one never done."""
        return self.failed_step or self.missing_step


@dataclass(frozen=True, slots=True)
class PathPosition:
    """The user's position in a golden path that this session has begun.

    Args:
        title: title of the path.
        step: title of the latest step.
        next_step: title of the next step; empty if the path is finished.
        steps_done: how many of the required steps were done.
        steps_total: how many required steps there are.
        progressed_at: when the last step was done, epoch seconds.
        actions_since: number of actions after it.
        skipped_step: title of a skipped step, if a later one was done; empty for none.
        off_path: whether the user has left the path's pages without finishing it.
    """

    title: str
    step: str
    next_step: str
    steps_done: int
    steps_total: int
    progressed_at: float
    actions_since: int = 0
    skipped_step: str = ""
    off_path: bool = False

    @property
    def finished(self) -> bool:
        """Whether the path is complete."""
        return not self.next_step


#: Identifies an action of a session: start time (epoch seconds), index among equal times, and title.
ActionKey = tuple[float, int, str]


@dataclass(frozen=True, slots=True)
class WorkflowFailures:
    """The failures in one workflow of this session.

    Args:
        in_a_row: the newest failures between which no step of the workflow succeeded.
        before: the failures before that.
    """

    in_a_row: frozenset[ActionKey]
    before: frozenset[ActionKey] = frozenset()


@dataclass(frozen=True, slots=True)
class NextStep:
    """The most relevant step that the user lacks.

    Args:
        path_id: the golden path.
        title: title of the path.
        approach: ``continue`` the current workflow; ``missed`` a step; ``introduce`` a new workflow;
            ``explain`` a workflow in the chat, because the user struggled with it.
        step: name of the step.
        text: the gap in a sentence, for prompts.
    """

    path_id: str
    title: str
    approach: Literal["continue", "missed", "introduce", "explain"]
    step: str
    text: str


class UserHistory(Protocol):
    """What is known about the user from all earlier sessions."""

    @property
    def properties(self) -> Mapping[str, PropertyValue]:
        """Properties that the app set (``$identify``, ``$set``), by name; None for removed ones."""

    @property
    def previous_visit_at(self) -> float | None:
        """End of the user's previous session, epoch seconds; None for a new user."""

    @property
    def workflows(self) -> Mapping[str, WorkflowMemory]:
        """Every known workflow, by the id of its golden path."""

    @property
    def session_summaries(self) -> tuple[str, ...]:
        """Summaries of the user's latest earlier sessions, oldest first."""


class WorkflowProgress(Protocol):
    """The user's position in the workflows of this session."""

    @property
    def positions(self) -> Mapping[str, PathPosition]:
        """Positions in the golden paths that this session has begun, by id; the latest comes last."""

    @property
    def failures(self) -> Mapping[str, WorkflowFailures]:
        """Failures in the golden paths of this session, by path id."""

    @property
    def gaps(self) -> Iterable[NextStep]:
        """The steps that the user lacks, now and from earlier sessions, the most relevant first."""

    @property
    def next_step(self) -> NextStep | None:
        """The most relevant gap; None if there is none."""

    def completed_after(self, path_id: str, after: float) -> float | None:
        """When the session completed a path first after ``after``, epoch seconds; None if it did not."""
