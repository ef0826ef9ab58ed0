"""Decides which batches count, so that two sources of one user count once, and old events do not count."""

from __future__ import annotations

from rasa_autoplay.common.identity.ids import session_of_their_own
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["SourceArbiter", "as_of"]


class SourceArbiter:
    """Decides which batches reach their session.

    Two sources may report the same user, with the same session id or with different ones. Each action would
    then count twice, so only the first source counts. With the same session id, it counts as long as the
    session is live; with different ones, as long as it keeps delivering.

    Args:
        sessions: the live sessions.
        settings: the sessions' idle timeout, and the triggers' lookback.
    """

    def __init__(self, sessions: SessionStore, settings: SessionSettings) -> None:
        self._sessions = sessions
        self._lookback_s = settings.window.lookback
        self._idle_timeout_s = settings.idle_timeout

    async def admit(self, payload: ActionsPayload, source: str, now: float) -> str:
        """Find the session that a batch belongs to, and decide whether the batch counts.

        If a token has proved that a session belongs to one user, it stays that user's. Another user may have
        the same analytics session id, because they share a browser or because one has guessed the id. The
        other user's batch then gets a session of its own.

        Args:
            payload: its session id may be replaced, and an e-mail address that the page kept from another
                user is removed.
            source: the source that delivered it.
            now: epoch seconds.

        Returns:
            Why the batch is skipped: ``duplicate_source``, ``stale_actions`` (older than the idle timeout)
            or ``from_former_user`` (done before the current user signed in); empty if it counts.
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
    """When a batch's user data was true, epoch seconds: its newest action's time, or else its arrival."""
    return max((action.timestamp_start for action in payload.actions), default=payload.forwarded_at or now)
