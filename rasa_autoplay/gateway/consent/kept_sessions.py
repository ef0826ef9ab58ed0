"""Remembers whose sessions are kept, and how much of each, to judge events that name no user."""

from __future__ import annotations

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload
from rasa_autoplay.gateway.consent.permitted_part import permitted_actions, user_of
from rasa_autoplay.link.messages import Event

__all__ = ["KeptSessions"]

_MAX_SESSIONS = 100_000
_UNKNOWN = ("", 0)


class KeptSessions:
    """The sessions of users with consent."""

    def __init__(self) -> None:
        #: By session: its user, and how many of its actions were kept.
        self._sessions: BoundedDict[str, tuple[str, int]] = BoundedDict(_MAX_SESSIONS)

    def user_of(self, event: Event) -> str:
        """Return the user of an event; empty if it is anonymous.

        Actions must name their user: a session may go on after its user has signed out.
        """
        named = user_of(event)
        if named or isinstance(event.payload, ActionsPayload):
            return named
        return self._sessions.get(event.payload.session_id or "", _UNKNOWN)[0]

    def permit(self, event: Event, user_id: str, since: float) -> bool:
        """Reduce an event to what may be kept of it; return False if nothing is left.

        Args:
            event: an event of the user.
            user_id: the user.
            since: when the user gave consent, epoch seconds.
        """
        payload = event.payload
        session_id = payload.session_id or ""
        count = self._sessions.get(session_id, _UNKNOWN)[1]
        if isinstance(payload, ActionsPayload):
            part = permitted_actions(payload, since)
            if part is None:
                return False
            self._sessions[session_id] = user_id, count + len(part.actions)
            event.payload = part
            return True
        # A summary that replaces more actions than were kept may tell of some from before the consent.
        return not isinstance(payload, SummaryPayload) or 0 < payload.replaces <= count

    def pop(self, user_id: str) -> set[str]:
        """Forget the sessions of a user, and return their ids."""
        theirs = {session for session, (user, _) in self._sessions.items() if user == user_id}
        for session in theirs:
            del self._sessions[session]
        return theirs
