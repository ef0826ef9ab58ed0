"""Is a batch to be believed? What several sources tell of one user counts once, and old news is none."""

from __future__ import annotations

from rasa_autoplay.common.identity.ids import session_of_their_own
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["SourceArbiter", "told_at"]


class SourceArbiter:
    """Decides which batches reach their session.

    Two sources may tell of one user, with the same session id or each with its own. Then the first that
    delivered is believed for as long as the session lives; and across sessions, for as long as it goes on
    delivering, since otherwise each save would count twice.

    Args:
        sessions: what is remembered of live sessions.
        settings: how long a session lives, and how far triggers look back.
    """

    def __init__(self, sessions: SessionStore, settings: SessionSettings) -> None:
        self._sessions = sessions
        self._lookback_s = settings.window.lookback
        self._idle_timeout_s = settings.idle_timeout

    async def admit(self, payload: ActionsPayload, source: str, now: float) -> str:
        """Find the session that a batch belongs to, and decide whether to believe the batch.

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
            if told_at(payload, now) < now - self._idle_timeout_s:
                return "stale_actions"
        elif session.source != source:
            return "duplicate_source"
        elif session.is_of_another(payload.user_id):
            return "" if session.may_be_taken_over(told_at(payload, now)) else "from_former_user"
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


def told_at(payload: ActionsPayload, now: float) -> float:
    """When what a batch says of its user held, epoch seconds: at its newest action, else when it came."""
    return max((action.timestamp_start for action in payload.actions), default=payload.forwarded_at or now)
