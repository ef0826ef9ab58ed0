"""Decides which batches count, so that two sources about one user count once and old events not at all."""

from __future__ import annotations

from rasa_autoplay.common.identity.ids import session_of_their_own
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["SourceArbiter", "as_of"]


class SourceArbiter:
    """Decides which batches reach their session.

    Two sources may report the same user, with the same session id or each with its own. Then the first source
    counts while the session lives; across sessions, while it keeps delivering. Otherwise each action would
    count twice.

    Args:
        sessions: the live sessions.
        settings: how long a session lives, and how far triggers look back.
    """

    def __init__(self, sessions: SessionStore, settings: SessionSettings) -> None:
        self._sessions = sessions
        self._lookback_s = settings.window.lookback
        self._idle_timeout_s = settings.idle_timeout

    async def admit(self, payload: ActionsPayload, source: str, now: float) -> str:
        """Find the session that a batch belongs to, and decide whether the batch counts.

        A session that a token has proved to be one user's stays theirs. Another user can come with the same
        analytics session id because they share a browser, or because one of them has guessed it. Their batch
        belongs to a session of their own.

        Args:
            payload: gets the id of its session. It loses an e-mail that the page has kept from another user.
            source: who delivered it.
            now: epoch seconds.

        Returns:
            Why the batch is left out: ``duplicate_source``; ``stale_actions`` for what is older than a
            session lives; ``from_former_user`` for what somebody did before the present user signed in; empty
            when it is to be believed.
        """
        session = await self._sessions.find((payload.product_id, payload.session_id or ""))
        if session is not None and session.is_bound_to_another(payload.user_id):
            payload.session_id = session_of_their_own(payload.session_id or "", payload.user_id or "")
            payload.email = payload.email if payload.email != session.email else None
            session = await self._sessions.find((payload.product_id, payload.session_id))
        if session is None:
            if as_of(payload, now) < now - self._idle_timeout_s:
                return "stale_actions"
        elif session.source != source:
            return "duplicate_source"
        elif session.is_of_another(payload.user_id):
            return "" if session.may_be_taken_over(as_of(payload, now)) else "from_former_user"
        user_id = payload.user_id or (session.user_id if session else None)
        if user_id is None:
            return ""
        other = await self._sessions.latest_of(payload.product_id, user_id)
        return "duplicate_source" if other and self._is_ahead(other, source, now) else ""

    def _is_ahead(self, other: Session, source: str, now: float) -> bool:
        newest = other.window.newest
        return (
            other.source != source and newest is not None and newest.timestamp_start > now - self._lookback_s
        )


def as_of(payload: ActionsPayload, now: float) -> float:
    """When a batch's user data was true, epoch seconds: at its newest action, or else its arrival."""
    return max((action.timestamp_start for action in payload.actions), default=payload.forwarded_at or now)
