"""Owners of chat sessions in the engine's database, for one Rasa server with one engine."""

from __future__ import annotations

import asyncio

from rasa_autoplay.errors import EngineUnreachable, IdentityRefused
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners
from rasa_autoplay.link.answers import ChatOwner
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.requests import ClaimChat, FindChatOwner

__all__ = ["EngineSessionOwners"]

_WAIT_S = 2.0


class EngineSessionOwners:
    """Asks the engine, and caches the owners that it knows.

    Args:
        link: to the engine.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._known = LocalSessionOwners()

    async def owner_of(self, session_id: str) -> str:
        """The user who owns a session; empty if it has no owner.

        Raises:
            IdentityRefused: the engine does not answer, so the owner is unknown.
        """
        known = await self._known.owner_of(session_id)
        if known:
            return known
        owner = await self._ask(FindChatOwner(session_id))
        return await self._known.claim(session_id, owner) if owner else ""

    async def claim(self, session_id: str, user_id: str) -> str:
        """Make a user the session's owner, unless it has one; returns the owner.

        Raises:
            IdentityRefused: the engine does not answer, so the owner is unknown.
        """
        known = await self._known.owner_of(session_id)
        if known:
            return known
        owner = await self._ask(ClaimChat(user_id, session_id))
        return await self._known.claim(session_id, owner)

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Make a user the owner of a session that was just created, even if the engine does not answer."""
        try:
            await self.claim(session_id, user_id)
        except IdentityRefused:
            await self._known.claim(session_id, user_id)

    async def _ask(self, request: EngineRequest[ChatOwner]) -> str:
        try:
            answer = await self._link.ask(request, timeout_s=_WAIT_S)
        except (EngineUnreachable, EngineRefused, asyncio.TimeoutError):
            raise IdentityRefused(
                "owner_unknown",
                "the owner of this chat session cannot be checked now",
                "Try again later: the action server or its database does not answer.",
                kind="unavailable",
            ) from None
        return answer.user_id
