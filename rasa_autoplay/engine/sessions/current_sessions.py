"""Gives the parts of one version of the files only sessions that are up to date with that version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.files_version import FilesVersion
from rasa_autoplay.engine.sessions.session import Session, SessionKey

__all__ = ["CurrentSessions"]

_SessionT = TypeVar("_SessionT", Session, "Session | None")


class CurrentSessions:
    """A session store that brings each session up to date before a part sees it.

    Doing this for all sessions at once would block the event loop when a new version is loaded.

    Args:
        store: the live sessions.
        version: the version of the files.
        renew: brings a session of another version up to date.
    """

    def __init__(
        self, store: SessionStore, version: FilesVersion, renew: Callable[[Session], object]
    ) -> None:
        self._store = store
        self._version = version
        self._renew = renew
        #: Stores a session's changes. It is the store's own method, because every event calls it.
        self.save = store.save

    @property
    def evicted(self) -> int:
        """How many sessions were evicted to make room."""
        return self._store.evicted

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[Session]:
        """Iterate over the live sessions, of any version, in any order."""
        return iter(self._store)

    def _current(self, session: _SessionT) -> _SessionT:
        if session is not None and session.version is not self._version:
            self._renew(session)
        return session

    async def load(self, key: SessionKey, now: float, held_by: str = "") -> Session:
        """Return the session with that key; create it if there is none."""
        return self._current(await self._store.load(key, now, held_by))

    async def find(self, key: SessionKey) -> Session | None:
        """Return the live session with that key; None if there is none."""
        return self._current(await self._store.find(key))

    async def latest_of(self, product_id: str, user_id: str) -> Session | None:
        """Return the user's most recently active session; None if there is none."""
        return self._current(await self._store.latest_of(product_id, user_id))

    def at_hand(self, key: SessionKey, user_id: str) -> Session | None:
        """Return a session at once, if it is its user's most recently active one; None if it is not."""
        return self._current(self._store.at_hand(key, user_id))

    async def engaged_with(self, product_id: str, user_id: str) -> list[Session]:
        """Return the user's sessions in which a toast, the chat or a tour was active at their last save."""
        return [self._current(each) for each in await self._store.engaged_with(product_id, user_id)]

    async def forget_user(self, product_id: str, user_id: str) -> int:
        """Remove the user's sessions without ending them; return their number."""
        return await self._store.forget_user(product_id, user_id)

    async def expire(self, now: float) -> int:
        """End some sessions that were idle for too long; return their number, 0 if none is left."""
        return await self._store.expire(now)

    async def clear(self) -> int:
        """Release all sessions, because this process ends; return their number."""
        return await self._store.clear()
