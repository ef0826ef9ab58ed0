"""The contract of an observer of sessions. The recorder of sessions is one.

An observer is called in the middle of an event, so it must not block.
"""

from __future__ import annotations

from typing import Any, Protocol

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import ActionsPayload

__all__ = ["NO_SESSION_OBSERVER", "SessionObserver"]


class SessionObserver(Protocol):
    """Sees what happens in sessions."""

    def applied(
        self, session: Session, payload: ActionsPayload, source: str, now: float, /, *, is_new: bool
    ) -> None:
        """Observe a batch with something new, which was applied to a session.

        Args:
            session: the session after it.
            payload: the batch.
            source: the source that delivered it.
            now: epoch seconds.
            is_new: whether it is the session's first batch, or the first one of another user.
        """

    def happened(self, session: Session, event: str, now: float, /, **fields: Any) -> None:
        """Observe an event that is no action of the user.

        Args:
            session: the session.
            event: ``helped``, ``chat_message``, ``tour_started``, ``tour_step`` or ``tour_ended``.
            now: epoch seconds.
            fields: details; empty ones count as missing.
        """

    def history_loaded(self, session: Session) -> None:
        """Observe that the history of a session's user is known now."""


class _NoSessionObserver:
    def applied(
        self, _session: Session, _payload: ActionsPayload, _source: str, _now: float, /, *, is_new: bool
    ) -> None:
        """Do nothing."""

    def happened(self, _session: Session, _event: str, _now: float, /, **_fields: Any) -> None:
        """Do nothing."""

    def history_loaded(self, _session: Session) -> None:
        """Do nothing."""


#: Sees nothing, for engines that record nothing.
NO_SESSION_OBSERVER: SessionObserver = _NoSessionObserver()
