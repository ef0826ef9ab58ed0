"""The contract of a session follower, which knows more about a session than its window shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowProgress
from rasa_autoplay.engine.sessions.files_version import StepIds
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction

__all__ = ["NO_FOLLOWER", "SessionFollower"]


class SessionFollower(Protocol):
    """Follows sessions, and knows their users' history and progress. No method may block or raise."""

    def observe(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Observe new actions of a session, whose user may be new too."""

    def carry_over(self, session: Session, step_ids: StepIds | None) -> None:
        """Translate what a session has proved by other golden paths.

        Args:
            session: the session.
            step_ids: the steps of those paths; None if they are unknown.
        """

    def on_session_ended(self, session: Session) -> None:
        """Observe that a session has ended, or that another user takes it over."""

    def user_history(self, session: Session) -> UserHistory | None:
        """Return the history of the session's user; None if it is not available (yet)."""

    def workflow_progress(self, session: Session) -> WorkflowProgress | None:
        """Return the session's progress in workflows; None if it is not available."""


class _NoFollower:
    """Knows nothing, for engines without memory."""

    def observe(self, _session: Session, _actions: Sequence[SlimAction]) -> None:
        """Do nothing."""

    def carry_over(self, _session: Session, _step_ids: StepIds | None) -> None:
        """Do nothing."""

    def on_session_ended(self, _session: Session) -> None:
        """Do nothing."""

    def user_history(self, _session: Session) -> None:
        """Return None."""
        return

    def workflow_progress(self, _session: Session) -> None:
        """Return None."""
        return


NO_FOLLOWER: SessionFollower = _NoFollower()
