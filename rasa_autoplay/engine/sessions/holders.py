"""Who holds how many of the live sessions, and whose is the next to go when there is no room."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from itertools import islice

from rasa_autoplay.engine.sessions.session import Session, SessionKey

__all__ = ["Holders"]

#: So many sessions anybody may hold; with more, a holder is the first to lose some.
FAIR_SHARE = 32
#: Sessions of a holder that are looked up at a time: to find them, all sessions are gone through.
_LOOKED_UP = 256


class Holders:
    """Counts sessions by who is answerable for them (:attr:`Session.held_by`); the others are nobody's."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._heavy: set[str] = set()
        #: Of holders who lose sessions: those idle longest, and when each was last active.
        self._next_to_go: dict[str, deque[tuple[SessionKey, float]]] = {}

    def joined(self, session: Session) -> None:
        """A session lives."""
        if not session.held_by:
            return
        self._counts[session.held_by] += 1
        if self._counts[session.held_by] > FAIR_SHARE:
            self._heavy.add(session.held_by)

    def left(self, session: Session) -> None:
        """A session was let go."""
        holder = session.held_by
        if not holder:
            return
        self._counts[holder] -= 1
        if self._counts[holder] <= FAIR_SHARE:
            self._heavy.discard(holder)
            self._next_to_go.pop(holder, None)
        if not self._counts[holder]:
            del self._counts[holder]

    def victim(self, sessions: dict[SessionKey, Session]) -> SessionKey:
        """The session that goes first: of whoever holds most, where that is too many, the one idle longest.

        Args:
            sessions: all that live, the one idle longest first; at least one.
        """
        if not self._heavy:
            return next(iter(sessions))
        holder = max(self._heavy, key=self._counts.__getitem__)
        queue = self._next_to_go.setdefault(holder, deque())
        while True:
            while queue:
                key, active_at = queue.popleft()
                session = sessions.get(key)
                if session is not None and session.held_by == holder and session.active_at == active_at:
                    return key
            queue.extend(islice(_held_by(holder, sessions.values()), _LOOKED_UP))


def _held_by(holder: str, sessions: Iterable[Session]) -> Iterable[tuple[SessionKey, float]]:
    return ((session.key, session.active_at) for session in sessions if session.held_by == holder)
