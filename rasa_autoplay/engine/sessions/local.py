"""Stores live sessions in this process's memory, which is the default."""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Sequence

from rasa_autoplay.common.identity.ids import session_of_their_own
from rasa_autoplay.engine.sessions.holders import Holders
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.settings.engine import EngineSettings, SessionSettings

__all__ = ["LocalSessionStore", "ignore_ended", "make_local_store"]


def ignore_ended(_session: Session) -> None:
    """Do nothing with a session that has ended."""


#: Ending more sessions at once would block the event loop.
_EXPIRED_AT_ONCE = 500


class LocalSessionStore:
    """Stores sessions in order of their last activity.

    If the store is full, the longest idle session is evicted, or one of a sender with too many sessions. The
    coroutines never yield, so a caller that awaits nothing else can load, change and save in one step.

    Args:
        settings: limits and timeouts.
        on_session_ended: called with every session that expires or is evicted.
    """

    def __init__(
        self, settings: SessionSettings, on_session_ended: Callable[[Session], object] = ignore_ended
    ) -> None:
        self._settings = settings
        self._on_session_ended = on_session_ended
        self._sessions: OrderedDict[SessionKey, Session] = OrderedDict()
        self._holders = Holders()
        #: By product and user; a tuple of both for each user would take 64 bytes.
        self._latest: defaultdict[str, dict[str, SessionKey]] = defaultdict(dict)
        self._engaged: defaultdict[str, dict[str, set[SessionKey]]] = defaultdict(dict)
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        """Iterate over the sessions, the one idle longest first."""
        return iter(self._sessions.values())

    async def load(self, key: SessionKey, now: float, held_by: str = "") -> Session:
        """Return the session with that key; create it if there is none."""
        session = self._sessions.get(key)
        return session if session is not None else self._create(key, now, held_by)

    def _create(self, key: SessionKey, now: float, held_by: str) -> Session:
        # All sessions share the product's id.
        session = Session((sys.intern(key[0]), key[1]), self._settings, now, held_by=sys.intern(held_by))
        self._put(session)
        self._make_room()
        return session

    def _put(self, session: Session) -> None:
        former = self._sessions.get(session.key)
        self._sessions[session.key] = session
        if former is session:
            return
        if former is not None:
            self._holders.remove(former)
        self._holders.add(session)

    def _make_room(self) -> None:
        while len(self._sessions) > self._settings.max_sessions:
            self._drop(self._holders.next_to_evict(self._sessions))
            self.evicted += 1

    async def save(self, session: Session, now: float) -> None:
        """Store a session's changes, and ``now`` as its last activity."""
        key, user_id = session.key, session.user_id
        if self._sessions.get(key) is not session and (now > session.active_at or key not in self._sessions):
            self._put(session)
            self._sessions.move_to_end(key)
        elif now > session.active_at:
            self._sessions.move_to_end(key)
        session.active_at = now
        if user_id:
            self._list_under(session, user_id)

    def _list_under(self, session: Session, user_id: str) -> None:
        if session.listed_under != user_id:
            self._unlist(session)
            session.listed_under = user_id
        of_product = self._latest[session.key[0]]
        if of_product.get(user_id) != session.key:
            latest = self._sessions.get(of_product.get(user_id, session.key))
            if latest is None or latest.active_at <= session.active_at:
                of_product[user_id] = session.key
        if session.is_engaged:
            self._engaged[session.key[0]].setdefault(user_id, set()).add(session.key)
        else:
            self._disengage(session)

    def _disengage(self, session: Session) -> None:
        user_id, engaged = session.listed_under, self._engaged[session.key[0]]
        if user_id is None or user_id not in engaged:
            return
        engaged[user_id].discard(session.key)
        if not engaged[user_id]:
            del engaged[user_id]

    def _unlist(self, session: Session) -> None:
        self._disengage(session)
        user_id, latest = session.listed_under, self._latest[session.key[0]]
        if user_id is not None and latest.get(user_id) == session.key:
            del latest[user_id]

    async def find(self, key: SessionKey) -> Session | None:
        """Return the live session with that key; None if there is none."""
        return self._sessions.get(key)

    async def latest_of(self, product_id: str, user_id: str) -> Session | None:
        """Return the user's most recently active session; None if there is none."""
        key = self._latest.get(product_id, {}).get(user_id)
        session = self._sessions.get(key) if key else None
        return session if session is not None and session.user_id == user_id else None

    def at_hand(self, key: SessionKey, user_id: str) -> Session | None:
        """Return a session if it is its user's most recently active one; None if it is not."""
        session = self._sessions.get(key)
        if session is None or session.user_id != user_id or session.listed_under != user_id:
            return None
        return session if self._latest[key[0]].get(user_id) == key else None

    async def engaged_with(self, product_id: str, user_id: str) -> list[Session]:
        """Return the user's sessions in which a toast, the chat or a tour was active at their last save."""
        engaged = self._engaged.get(product_id, {})
        return [self._sessions[key] for key in sorted(engaged.get(user_id, ()))]

    async def forget_user(self, product_id: str, user_id: str) -> int:
        """Remove the user's sessions without ending them; return their number."""

        def is_theirs(session: Session) -> bool:
            return session.key[0] == product_id and session.user_id == user_id

        theirs = [session for session in self._sessions.values() if is_theirs(session)]
        self.release(is_theirs)
        for session in theirs:
            session.user_id = None  # other parts may still hold it, and must not store it
        return len(theirs)

    async def expire(self, now: float) -> int:
        """End some sessions that were idle for too long; return their number, 0 if none is left."""
        limit, count = now - self._settings.idle_timeout, 0
        while self._sessions and count < _EXPIRED_AT_ONCE:
            key, session = next(iter(self._sessions.items()))
            if session.active_at > limit:
                break
            self._drop(key)
            count += 1
        return count

    async def clear(self) -> int:
        """End all sessions; return their number."""
        count = len(self._sessions)
        for key in list(self._sessions):
            self._drop(key)
        return count

    def restore(self, sessions: Sequence[Session]) -> list[Session]:
        """Add sessions that were stored elsewhere; of two with one key, the one active last stays.

        If a token has proved that the session here is another user's, both stay; the added one gets a new key
        of its own.

        Returns:
            The added sessions that are live here now.
        """
        for session in sessions:
            here = self._sessions.get(session.key)
            if here is not None and session.user_id and here.is_bound_to_another(session.user_id):
                session.key = (session.key[0], session_of_their_own(session.key[1], session.user_id))
                here = self._sessions.get(session.key)
            if here is not None and here.active_at >= session.active_at:
                continue
            if here is not None:
                self._unlist(here)
            self._put(session)
            if session.user_id:
                self._list_under(session, session.user_id)
        if len(sessions) > 1:
            # A single session may expire a little late, because sorting all sessions for it costs more.
            self._sessions = OrderedDict(sorted(self._sessions.items(), key=_activity))
        self._make_room()
        return [session for session in sessions if self._sessions.get(session.key) is session]

    def release(self, which: Callable[[Session], bool]) -> int:
        """Remove some sessions without ending them, because they continue elsewhere; return their number."""
        leaving = [session for session in self._sessions.values() if which(session)]
        for session in leaving:
            del self._sessions[session.key]
            self._holders.remove(session)
            self._unlist(session)
        return len(leaving)

    def _drop(self, key: SessionKey) -> None:
        session = self._sessions.pop(key)
        self._holders.remove(session)
        self._unlist(session)
        self._on_session_ended(session)


def _activity(item: tuple[SessionKey, Session]) -> float:
    return item[1].active_at


def make_local_store(
    settings: EngineSettings, _engine_id: str, on_session_ended: Callable[[Session], object]
) -> LocalSessionStore:
    """A :data:`~rasa_autoplay.engine.sessions.base.SessionStoreMaker`."""
    return LocalSessionStore(settings.session, on_session_ended)
