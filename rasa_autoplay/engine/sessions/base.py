"""The contract of a session store."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["SessionStore", "SessionStoreMaker", "SessionTimer"]


class SessionTimer(str, Enum):
    """What time alone does to sessions; the argument of ``EVALUATE`` is the session's key."""

    EVALUATE = "evaluate_session"
    EXPIRE_IDLE = "expire_idle_sessions"


class SessionStore(Protocol):
    """Keeps live sessions, bounded in number, for as long as they are active."""

    @property
    def evicted(self) -> int:
        """How many sessions were evicted to make room."""
        ...

    async def load(self, key: SessionKey, now: float, held_by: str = "") -> Session:
        """The session with that key, created if there is none.

        Args:
            key: product and session.
            now: epoch seconds.
            held_by: who is answerable for a new session. When there is no room, a holder of too many sessions
                loses one; otherwise the session that is idle longest goes.
        """
        ...

    async def save(self, session: Session, now: float) -> None:
        """Store what has changed in a session, and that it is active now."""
        ...

    async def find(self, key: SessionKey) -> Session | None:
        """The live session with that key; None when there is none."""
        ...

    async def latest_of(self, product_id: str, user_id: str) -> Session | None:
        """The user's most recently active session; None when there is none."""
        ...

    async def engaged_with(self, product_id: str, user_id: str) -> list[Session]:
        """The user's sessions in which toast, chat or tour had their attention when they were last saved."""
        ...

    async def expire(self, now: float) -> int:
        """End some sessions that were idle for too long; returns how many, 0 when none is left."""
        ...

    async def clear(self) -> int:
        """Release all sessions, because this process ends; returns how many.

        A store without a copy elsewhere ends them, as if they had expired.
        """
        ...

    def __len__(self) -> int:
        """How many sessions are live."""
        ...


#: Makes a session store from the settings, the engine's id and a callback for sessions that have ended.
SessionStoreMaker = Callable[[EngineSettings, str, Callable[[Session], object]], SessionStore]
