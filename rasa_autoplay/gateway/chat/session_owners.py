"""Whose a chat session is: the user's who was first to use it."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.common.bounded_dict import BoundedDict

__all__ = ["LocalSessionOwners", "SessionOwners"]

_MAX_SESSIONS = 100_000


class SessionOwners(Protocol):
    """Remembers whose chat sessions are."""

    async def owner_of(self, session_id: str) -> str:
        """Who opened it; empty when nobody proved it."""
        ...

    async def claim(self, session_id: str, user_id: str) -> str:
        """Let it be that user's, unless it is somebody's already; gives whose it is."""
        ...

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Let a session that was made just now be that user's, also where nobody can be asked."""
        ...


class LocalSessionOwners:
    """In this process, within a bound: the session that was not used for longest goes first."""

    def __init__(self) -> None:
        self._owners: BoundedDict[str, str] = BoundedDict(_MAX_SESSIONS)

    async def owner_of(self, session_id: str) -> str:
        """Who opened it; empty when nobody proved it."""
        return self._owners.get(session_id, "")

    async def claim(self, session_id: str, user_id: str) -> str:
        """Let it be that user's, unless it is somebody's already; gives whose it is."""
        owner = self._owners[session_id] = self._owners.get(session_id, user_id)
        return owner

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Let a session that was made just now be that user's."""
        await self.claim(session_id, user_id)
