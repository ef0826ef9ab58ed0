"""The contract of what knows more of a session than its window says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rasa_autoplay.engine.knowledge.facts import PathFacts, UserFacts
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction

__all__ = ["NO_FACTS", "FactSource"]


class FactSource(Protocol):
    """Follows sessions, and tells contexts what it knows. Nothing here may wait or fail."""

    def note(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Something may have happened in a session: actions that are new to it; its user may be new too."""

    def over(self, session: Session) -> None:
        """What the session's user did in it is about to be forgotten."""

    def user_facts(self, session: Session) -> UserFacts | None:
        """What is known of the session's user; None when it is not (or not yet) available."""

    def path_facts(self, session: Session) -> PathFacts | None:
        """Where the session stands in its workflows; None when it is not available."""


class _NoFacts:
    """Knows nothing: where there is no memory."""

    def note(self, _session: Session, _actions: Sequence[SlimAction]) -> None:
        """Nothing is kept."""

    def over(self, _session: Session) -> None:
        """Nothing was kept."""

    def user_facts(self, _session: Session) -> None:
        """Nothing."""
        return

    def path_facts(self, _session: Session) -> None:
        """Nothing."""
        return


NO_FACTS: FactSource = _NoFacts()
