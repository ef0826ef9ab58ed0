"""What capture remembers between requests: sessions, and the events that it has seen.

Both are bounded; the oldest is forgotten first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.identity.ids import session_of_their_own
from rasa_autoplay.gateway.sources.posthog.identities import CapturedSession

__all__ = ["CaptureState"]


class CaptureState:
    """Returns copies of sessions; the changes of a request are stored together once it is accepted.

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

        A session belongs to the first user whose token came with its events. If other users send the same
        session id (on a shared browser, or because they guessed it), they get sessions of their own.

        Args:
            session_id: the analytics session that the browser names.
            user_id: the user whom the event names, or who sent it.
            changed: the sessions of the current request, which are newer.
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
        # A page that registered the e-mail address of the previous user may continue to send it.
        return CapturedSession(previous_email=first.email if first is not None else None)

    def store(self, sessions: Mapping[str, CapturedSession]) -> None:
        """Store changed sessions; they become the most recently active ones."""
        self._sessions.update(sessions)

    def forget_user(self, user_id: str) -> None:
        """Forget the sessions of a user."""
        theirs = [
            key
            for key, session in self._sessions.items()
            if user_id in (session.user_id, session.verified_user) or user_id in session.aliases.values()
        ]
        for key in theirs:
            del self._sessions[key]

    def has_seen(self, event: int) -> bool:
        """Whether an event is remembered as seen."""
        return event in self._seen

    def forget(self, events: Iterable[int]) -> None:
        """Forget that events were seen."""
        for event in events:
            self._seen.pop(event, None)

    def mark_seen(self, events: Iterable[int]) -> None:
        """Remember events as seen."""
        self._seen.update(dict.fromkeys(events))
