"""The contract of a session store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Protocol

from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["SessionStore", "SessionStoreMaker", "SessionTimer"]


class SessionTimer(str, Enum):
    """Timers of sessions; the argument of ``EVALUATE`` is the session's key."""

    EVALUATE = "evaluate_session"
    EXPIRE_IDLE = "expire_idle_sessions"


class SessionStore(Protocol):
    """Stores live sessions, up to a maximum number, until they are idle for too long."""

    @property
    def evicted(self) -> int:
        """How many sessions were evicted to make room."""
        ...

    async def load(self, key: SessionKey, now: float, held_by: str = "") -> Session:
        """Return the session with that key; create it if there is none.

        Args:
            key: product id and session id.
            now: epoch seconds.
            held_by: the sender responsible for a new session. If the store is full, a sender with too many
                sessions loses one; otherwise the session that has been idle longest is evicted.
        """
        ...

    async def save(self, session: Session, now: float) -> None:
        """Store a session's changes, and ``now`` as its last activity."""
        ...

    async def find(self, key: SessionKey) -> Session | None:
        """Return the live session with that key; None if there is none."""
        ...

    async def latest_of(self, product_id: str, user_id: str) -> Session | None:
        """Return the user's most recently active session; None if there is none."""
        ...

    def at_hand(self, key: SessionKey, user_id: str) -> Session | None:
        """Return a session at once, if it is its user's most recently active one.

        None if it is not, if it is another user's, or if finding out would take time.
        """
        ...

    async def engaged_with(self, product_id: str, user_id: str) -> list[Session]:
        """Return the user's sessions in which a toast, the chat or a tour was active at their last save."""
        ...

    async def forget_user(self, product_id: str, user_id: str) -> int:
        """Remove the user's sessions without ending them; return their number."""
        ...

    async def expire(self, now: float) -> int:
        """End some sessions that were idle for too long; return their number, 0 if none is left."""
        ...

    async def clear(self) -> int:
        """Release all sessions, because this process ends; return their number.

        A store that has the only copy of its sessions ends them, as if they had expired.
        """
        ...

    def __len__(self) -> int:
        """Number of live sessions."""
        ...

    def __iter__(self) -> Iterator[Session]:
        """Iterate over the live sessions as they are stored, in any order; do not change them."""
        ...


#: Creates a session store from the settings, the engine's id and a callback for sessions that have ended.
SessionStoreMaker = Callable[[EngineSettings, str, Callable[[Session], object]], SessionStore]
