"""The owner of a chat session: the first signed-in user who used it."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.common.bounded_dict import BoundedDict

__all__ = ["LocalSessionOwners", "SessionOwners"]

_MAX_SESSIONS = 100_000


class SessionOwners(Protocol):
    """Remembers the owners of chat sessions."""

    async def owner_of(self, session_id: str) -> str:
        """The user who owns a session; empty if it has no owner."""
        ...

    async def claim(self, session_id: str, user_id: str) -> str:
        """Make a user the session's owner, unless it has one; returns the owner."""
        ...

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Make a user the owner of a session that was just created, even if the store does not answer."""
        ...


class LocalSessionOwners:
    """Remembers owners in this process. If there are too many, the least recently used is forgotten."""

    def __init__(self) -> None:
        self._owners: BoundedDict[str, str] = BoundedDict(_MAX_SESSIONS)

    async def owner_of(self, session_id: str) -> str:
        """The user who owns a session; empty if it has no owner."""
        return self._owners.get(session_id, "")

    async def claim(self, session_id: str, user_id: str) -> str:
        """Make a user the session's owner, unless it has one; returns the owner."""
        owner = self._owners[session_id] = self._owners.get(session_id, user_id)
        return owner

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Make a user the owner of a session that was just created."""
        await self.claim(session_id, user_id)
