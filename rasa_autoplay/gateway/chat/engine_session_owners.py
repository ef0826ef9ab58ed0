"""Whose a chat session is, where one Rasa server asks one engine: the engine's database remembers."""

from __future__ import annotations

import asyncio

from rasa_autoplay.errors import EngineUnreachable, IdentityRefused
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.requests import ChatOwner, ClaimChat, EngineRequest, FindChatOwner

__all__ = ["EngineSessionOwners"]

_WAIT_S = 2.0


class EngineSessionOwners:
    """In the engine's database, and at hand for the sessions that this server has met.

    Args:
        link: to the engine.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._known = LocalSessionOwners()

    async def owner_of(self, session_id: str) -> str:
        """Who opened it; empty when nobody proved it.

        Raises:
            IdentityRefused: the engine does not answer, so that nobody can tell.
        """
        known = await self._known.owner_of(session_id)
        if known:
            return known
        owner = await self._ask(FindChatOwner(session_id))
        return await self._known.claim(session_id, owner) if owner else ""

    async def claim(self, session_id: str, user_id: str) -> str:
        """Let it be that user's, unless it is somebody's already; gives whose it is.

        Raises:
            IdentityRefused: the engine does not answer, so that nobody can tell.
        """
        known = await self._known.owner_of(session_id)
        if known:
            return known
        owner = await self._ask(ClaimChat(user_id, session_id))
        return await self._known.claim(session_id, owner)

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Let a session that was made just now be that user's, also where nobody can be asked."""
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
                "whose chat session this is cannot be told now",
                "Try again later: the action server, or its database, is away.",
                kind="unavailable",
            ) from None
        return answer.user_id
