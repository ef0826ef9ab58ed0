"""Follows sessions along the golden paths; computes history and progress only when a trigger needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.next_step import gaps_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.knowledge.user_progress import (
    ActionKey,
    NextStep,
    PathPosition,
    UserHistory,
    WorkflowFailures,
    WorkflowMemory,
    WorkflowProgress,
)
from rasa_autoplay.engine.memory.positions import positions_of
from rasa_autoplay.engine.memory.translated_evidence import matched_again, translated
from rasa_autoplay.engine.sessions.files_version import StepIds
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.events.user_properties import PropertyValue

__all__ = ["PathFollower"]


class _NoProgress:
    """The progress of a session without any action that matches a path."""

    positions: Mapping[str, PathPosition] = {}
    failures: Mapping[str, WorkflowFailures] = {}
    gaps: Sequence[NextStep] = ()
    next_step: NextStep | None = None

    def completed_after(self, _path_id: str, _after: float) -> None:
        """Return None."""


_NO_PROGRESS = _NoProgress()


class _SessionProgress:
    """The progress of a session in the golden paths.

    Args:
        tracker: matches actions with the paths.
        session: a session with step evidence, or with a user whose history is known.
        user: the user's history, including what was completed in this session.
    """

    def __init__(self, tracker: PathTracker, session: Session, user: UserHistory | None) -> None:
        self._tracker, self._session, self._user = tracker, session, user

    @cached_property
    def positions(self) -> Mapping[str, PathPosition]:
        """Positions in the golden paths that this session has begun, by id; the latest comes last."""
        evidence = self._session.step_evidence
        return positions_of(self._tracker, evidence, self._session.window.actions) if evidence else {}

    @cached_property
    def failures(self) -> Mapping[str, WorkflowFailures]:
        """Failures in the golden paths of this session, by path id."""
        rows = self._tracker.failure_rows(self._session.step_evidence or {})
        return {
            path_id: WorkflowFailures(_keys(row.in_a_row), _keys(row.before)) for path_id, row in rows.items()
        }

    @property
    def gaps(self) -> Iterator[NextStep]:
        """The steps that the user lacks, now and from earlier sessions, the most relevant first."""
        known = self._user.workflows if self._user else {}
        paths = list(self._tracker.paths.values())
        return gaps_of(paths, known, self.positions, self._session.window.page())

    @cached_property
    def next_step(self) -> NextStep | None:
        """The most relevant gap; None if there is none."""
        return next(self.gaps, None)

    def completed_after(self, path_id: str, after: float) -> float | None:
        """When the session completed a path first after ``after``, epoch seconds; None if it did not."""
        if path_id not in self._tracker.completions:
            return None
        attempts = self._tracker.attempts(path_id, self._session.step_evidence or {})
        times = (attempt.completed_at for attempt in attempts)
        return min((at for at in times if at is not None and at > after), default=None)


def _keys(evidence: Iterable[StepEvidence]) -> frozenset[ActionKey]:
    return frozenset((action.at, action.index, action.title) for action in evidence)


class _CurrentHistory:
    """A user's history, updated with what the user has completed in this session.

    Args:
        past: the history of earlier sessions.
        tracker: matches actions with the paths.
        session: the current session.
    """

    def __init__(self, past: UserHistory, tracker: PathTracker, session: Session) -> None:
        self._past, self._tracker, self._evidence = past, tracker, session.step_evidence or {}
        self.properties: Mapping[str, PropertyValue] = {**past.properties, **(session.properties or {})}
        self.previous_visit_at = past.previous_visit_at
        self.session_summaries = past.session_summaries

    @cached_property
    def workflows(self) -> Mapping[str, WorkflowMemory]:
        """Every known workflow; one that was completed in this session is mastered."""
        return {path_id: self._now(path_id, known) for path_id, known in self._past.workflows.items()}

    def _now(self, path_id: str, known: WorkflowMemory) -> WorkflowMemory:
        attempts = self._tracker.attempts(path_id, self._evidence)
        if not any(attempt.completed for attempt in attempts):
            return known
        completions = known.completions + 1
        if known.state == "mastered":
            return replace(known, completions=completions)
        return WorkflowMemory(known.title, "mastered", known.attempts, 100.0, completions=completions)


class PathFollower:
    """Follows sessions along the golden paths, and stores the evidence in the session.

    A session without matching actions costs one lookup per action and no memory.

    Args:
        paths: all golden paths.
    """

    def __init__(self, paths: Sequence[GoldenPath]) -> None:
        self.tracker = PathTracker(paths)

    def observe(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Store what new actions prove."""
        self.follow(session, actions)

    def follow(self, session: Session, actions: Sequence[SlimAction]) -> bool:
        """Store what new actions prove; return whether one of them matches a step."""
        if not self.tracker.records(actions):
            return False
        evidence: EvidenceByPath = {} if session.step_evidence is None else session.step_evidence
        fitting = [action for action in actions if self.tracker.record(action, evidence)]
        if evidence:
            session.step_evidence = evidence
        return bool(fitting)

    def carry_over(self, session: Session, step_ids: StepIds | None) -> None:
        """Translate the evidence of other golden paths, and match the window's actions with these paths.

        Args:
            session: the session.
            step_ids: the steps of the other paths; None if they are unknown.
        """
        evidence = translated(session.step_evidence or {}, step_ids, self.tracker)
        actions = session.window.actions
        session.step_evidence = matched_again(evidence, actions, self.tracker) or None

    def on_session_ended(self, session: Session) -> None:
        """Do nothing: the evidence belongs to the session."""

    def workflow_progress(self, session: Session) -> WorkflowProgress:
        """Return the session's progress in the golden paths."""
        if session.step_evidence is None and session.user_history is None:
            return _NO_PROGRESS
        return _SessionProgress(self.tracker, session, self.user_history(session))

    def user_history(self, session: Session) -> UserHistory | None:
        """Return the user's history, if it is known."""
        if session.user_history is None or (session.step_evidence is None and session.properties is None):
            return session.user_history
        return _CurrentHistory(session.user_history, self.tracker, session)
