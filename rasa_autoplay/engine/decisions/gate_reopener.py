"""Asks the gates again when a user has opened one of them, for example by unmuting a topic."""

from __future__ import annotations

from rasa_autoplay.engine.decisions.offer_lifecycle import SessionChanged
from rasa_autoplay.engine.sessions.base import SessionStore

__all__ = ["GateReopener"]


class GateReopener:
    """Lifts what gates have forbidden in a user's most recently active session.

    Args:
        product_id: the product's id.
        sessions: the live sessions.
        evaluate: evaluates a session.
    """

    def __init__(self, product_id: str, sessions: SessionStore, evaluate: SessionChanged) -> None:
        self._product_id = product_id
        self._sessions = sessions
        self._evaluate = evaluate

    async def reopen(self, user_id: str, now: float) -> None:
        """Ask the gates of the user's session again.

        Args:
            user_id: the user.
            now: epoch seconds.
        """
        session = await self._sessions.latest_of(self._product_id, user_id)
        if session is None:
            return
        session.triggers.ask_again()
        session.all_asked = False
        # The user did nothing in the app, so the session's last activity stays the same.
        await self._sessions.save(session, session.active_at)
        await self._evaluate(session, now)
