"""The contract of what knows more of a session than its window says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rasa_autoplay.engine.knowledge.trigger_facts import PathFacts, UserFacts
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction

__all__ = ["NO_FACTS", "FactSource"]


class FactSource(Protocol):
    """Observes sessions, and provides facts about them. No method may block or raise."""

    def observe(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Observe new actions of a session, whose user may be new too."""

    def on_session_ended(self, session: Session) -> None:
        """Observe that a session has ended, or that another user takes it over."""

    def user_facts(self, session: Session) -> UserFacts | None:
        """Return the facts about the session's user; None if they are not available (yet)."""

    def path_facts(self, session: Session) -> PathFacts | None:
        """Return the session's position in workflows; None if it is not available."""


class _NoFacts:
    """Knows nothing: where there is no memory."""

    def observe(self, _session: Session, _actions: Sequence[SlimAction]) -> None:
        """Nothing is kept."""

    def on_session_ended(self, _session: Session) -> None:
        """Nothing was kept."""

    def user_facts(self, _session: Session) -> None:
        """Nothing."""
        return

    def path_facts(self, _session: Session) -> None:
        """Nothing."""
        return


NO_FACTS: FactSource = _NoFacts()
