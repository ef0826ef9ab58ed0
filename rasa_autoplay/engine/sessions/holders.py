"""Counts live sessions by sender, and chooses the session to evict when the store is full."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from itertools import islice

from rasa_autoplay.engine.sessions.session import Session, SessionKey

__all__ = ["Holders"]

#: A sender with more sessions than this loses its sessions first.
FAIR_SHARE = 32
#: A scan of all sessions for those of one sender collects this many at a time.
_LOOKED_UP = 256


class Holders:
    """Counts sessions by the sender that holds them (:attr:`Session.held_by`); some have none."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._heavy: set[str] = set()
        #: By sender with too many sessions: the sessions idle longest, each with its last activity.
        self._next_to_go: dict[str, deque[tuple[SessionKey, float]]] = {}

    def add(self, session: Session) -> None:
        """Count a session."""
        if not session.held_by:
            return
        self._counts[session.held_by] += 1
        if self._counts[session.held_by] > FAIR_SHARE:
            self._heavy.add(session.held_by)

    def remove(self, session: Session) -> None:
        """Stop counting a session."""
        holder = session.held_by
        if not holder:
            return
        self._counts[holder] -= 1
        if self._counts[holder] <= FAIR_SHARE:
            self._heavy.discard(holder)
            self._next_to_go.pop(holder, None)
        if not self._counts[holder]:
            del self._counts[holder]

    def next_to_evict(self, sessions: dict[SessionKey, Session]) -> SessionKey:
        """Return the session to evict first: the longest idle one of the sender with most sessions.

        If no sender has more than its fair share, it is the longest idle one of all.

        Args:
            sessions: all live sessions, the one idle longest first; at least one.
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
