"""What a trigger may know beyond the session's actions: the user's past, and their place in a workflow.

A context carries them as ``context_extra["user_facts"]`` and ``context_extra["path_facts"]``. Where nobody
provides them, they are missing: a condition that needs them does not hold, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from rasa_autoplay.events.user_properties import PropertyValue

__all__ = [
    "ActionKey",
    "NextStep",
    "PathFacts",
    "PathPosition",
    "UserFacts",
    "WorkflowFailures",
    "WorkflowMemory",
]


@dataclass(frozen=True, slots=True)
class WorkflowMemory:
    """What is remembered of a user and one workflow, from sessions before.

    Args:
        title: the workflow's.
        state: ``mastered``, ``in_progress`` or ``untouched``.
        attempts: how often it was begun.
        best_completion_pct: how far they came, 0 to 100.
        missing_step: title of the first step that was never done; empty for none.
        struggles: whether there is a pattern of repeated struggle.
        failed_step: title of the step at which they struggle; empty where it is not one step.
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
        """Where help is to begin: the step at which they struggle, else the one that was never done."""
        return self.failed_step or self.missing_step


@dataclass(frozen=True, slots=True)
class PathPosition:
    """Where the user stands in a golden path that this session has begun.

    Args:
        title: the path's.
        step: title of the step reached last.
        next_step: title of the step that comes next; empty when the path is finished.
        steps_done: how many of the required steps were done.
        steps_total: how many required steps there are.
        progressed_at: when the last step was done, epoch seconds.
        actions_since: how many actions came after it without doing another.
        skipped_step: title of a step that was left out, when a later one was done; empty for none.
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
        """Whether the path was gone to its end."""
        return not self.next_step


#: What tells a session's actions apart: when, their place among those of the same moment, and their title.
ActionKey = tuple[float, int, str]


@dataclass(frozen=True, slots=True)
class WorkflowFailures:
    """What went wrong in one workflow of this session.

    Args:
        in_a_row: the newest failures between which no step of the workflow succeeded.
        before: the failures before that.
    """

    in_a_row: frozenset[ActionKey]
    before: frozenset[ActionKey] = frozenset()


@dataclass(frozen=True, slots=True)
class NextStep:
    """The gap: the single most relevant thing to help with.

    Args:
        path_id: the golden path.
        title: the path's.
        approach: ``continue`` where the user is; ``missed`` for a step left out; ``introduce`` the workflow;
            ``explain`` it in the chat, because they struggled with it.
        step: the step's name.
        text: the same in a sentence.
    """

    path_id: str
    title: str
    approach: Literal["continue", "missed", "introduce", "explain"]
    step: str
    text: str


class UserFacts(Protocol):
    """The user, over all sessions before this one."""

    @property
    def properties(self) -> Mapping[str, PropertyValue]:
        """What the app said of the user (``$identify``, ``$set``), by name; None for what it took back."""

    @property
    def previous_visit_at(self) -> float | None:
        """When they were last here before this session, epoch seconds; None for a new user."""

    @property
    def workflows(self) -> Mapping[str, WorkflowMemory]:
        """Every known workflow, by the id of its golden path."""

    @property
    def session_summaries(self) -> tuple[str, ...]:
        """Summaries of their newest sessions before this one, oldest first."""


class PathFacts(Protocol):
    """The user's place in the workflows of this session."""

    @property
    def positions(self) -> Mapping[str, PathPosition]:
        """The golden paths that this session has begun, by id; the one moved in last comes last."""

    @property
    def failures(self) -> Mapping[str, WorkflowFailures]:
        """What went wrong in the golden paths of this session, by their ids."""

    @property
    def gaps(self) -> Iterable[NextStep]:
        """What separates the user from the golden paths, now and before, the most relevant first."""

    @property
    def next_step(self) -> NextStep | None:
        """The first of these; None for silence."""
