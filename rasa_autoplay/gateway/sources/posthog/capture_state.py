"""What capture remembers from one request to the next: its sessions, and which events it has seen.

Both are bounded; the oldest is forgotten first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.identity.ids import session_of_their_own
from rasa_autoplay.gateway.sources.posthog.identities import CapturedSession

__all__ = ["CaptureState"]


class CaptureState:
    """Hands out copies of sessions; a request's changes are taken over together, when it was handed on.

    Args:
        max_sessions: how many sessions are remembered.
        max_events: how many events are remembered as seen.
    """

    def __init__(self, max_sessions: int, max_events: int) -> None:
        self._sessions: BoundedDict[str, CapturedSession] = BoundedDict(max_sessions)
        # Ids of 64 bits instead of the strings: a third of the memory.
        self._seen: BoundedDict[int, None] = BoundedDict(max_events)

    def key_of(self, session_id: str, user_id: str | None, changed: Mapping[str, CapturedSession]) -> str:
        """The key of the session that an event belongs to.

        A session belongs to the first user whose token came with its events. Other users who send the same
        session id have sessions of their own: on a shared browser, or because somebody has guessed it.

        Args:
            session_id: the analytics session, as the browser names it.
            user_id: the user whom the event names, or who has sent it.
            changed: the request's own sessions, which are newer.
        """
        session = changed.get(session_id) or self._sessions.get(session_id)
        owner = session.verified_user if session is not None else ""
        return (
            session_of_their_own(session_id, user_id)
            if owner and user_id not in (None, owner)
            else session_id
        )

    def copy_of(self, key: str, session_id: str) -> CapturedSession:
        """A copy of a session, or a new one."""
        session = self._sessions.get(key)
        if session is not None:
            return session.copy()
        first = self._sessions.get(session_id)
        # The page may have registered the e-mail of the user before, and go on sending it.
        return CapturedSession(previous_email=first.email if first is not None else None)

    def keep(self, sessions: Mapping[str, CapturedSession]) -> None:
        """Take over changed sessions, as the ones that were active last."""
        self._sessions.update(sessions)

    def has_seen(self, event: int) -> bool:
        """Whether an event has been here."""
        return event in self._seen

    def forget(self, events: Iterable[int]) -> None:
        """Events were not seen after all."""
        for event in events:
            self._seen.pop(event, None)

    def saw(self, events: Iterable[int]) -> None:
        """Remember events as seen."""
        self._seen.update(dict.fromkeys(events))
