"""Owners of the chat sessions of users without consent, who are remembered in this process only."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners, SessionOwners

__all__ = ["PassingOwners"]


class PassingOwners:
    """Stores the owners that may be stored, and keeps the others in memory.

    Nobody can read another's chat while this process runs. After a restart, a session of a user without
    consent belongs to the first user who names its random id.

    Args:
        lasting: stores owners.
        may_remember: whether something about a user may be stored.
    """

    def __init__(self, lasting: SessionOwners, may_remember: Callable[[str], bool]) -> None:
        self._lasting = lasting
        self._may_remember = may_remember
        self._passing = LocalSessionOwners()

    async def owner_of(self, session_id: str) -> str:
        """The user who owns a session; empty if it has no owner.

        Raises:
            IdentityRefused: the store does not answer, so the owner is unknown.
        """
        return await self._passing.owner_of(session_id) or await self._lasting.owner_of(session_id)

    async def claim(self, session_id: str, user_id: str) -> str:
        """Make a user the session's owner, unless it has one; returns the owner.

        Raises:
            IdentityRefused: the store does not answer, so the owner is unknown.
        """
        known = await self._passing.owner_of(session_id)
        if known not in ("", user_id):
            return known
        if self._may_remember(user_id):
            return await self._lasting.claim(session_id, user_id)
        return await self._lasting.owner_of(session_id) or await self._passing.claim(session_id, user_id)

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Make a user the owner of a session that was just created, even if the store does not answer."""
        if self._may_remember(user_id):
            await self._lasting.claim_new(session_id, user_id)
        else:
            await self._passing.claim_new(session_id, user_id)
