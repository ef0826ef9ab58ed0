"""Opens a chat at whichever of several Rasa servers has the chat window."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from rasa_autoplay.errors import AutoplayError, IdentityRefused
from rasa_autoplay.gateway.chat.openings import Conversations
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Refusal, Reply
from rasa_autoplay.link.redis.peer_messages import Answer, FindChatWindow, OpenChat

__all__ = ["ChatGateways", "CheckOwner", "Peers"]

logger = logging.getLogger(__name__)

#: Called with a user id and a sender id; raises ``IdentityRefused`` if that user may not use the window.
CheckOwner = Callable[[str, str], Awaitable[None]]


class Peers(Protocol):
    """The other gateways."""

    @property
    def gateway_id(self) -> str:
        """This gateway's id."""
        ...

    async def find_window(self, sender_id: str) -> str | None:
        """The id of the gateway that has a chat window; None if no other gateway has it."""
        ...

    async def open_chat(self, gateway_id: str, sender_id: str, asked: dict[str, Any]) -> None:
        """Ask another gateway to open a conversation; raises as :meth:`Conversations.open` does."""
        ...


class ChatGateways:
    """Opens a conversation at the gateway that has the chat window.

    Args:
        here: opens conversations at this gateway.
        has_window: whether this gateway has a window.
        check_owner: raises ``IdentityRefused`` if a user may not use a window of this gateway.
        peers: the other gateways.
    """

    def __init__(
        self,
        here: Conversations,
        has_window: Callable[[str], bool],
        check_owner: CheckOwner,
        peers: Peers,
    ) -> None:
        self._here = here
        self._has_window = has_window
        self._check_owner = check_owner
        self._peers = peers

    async def open(
        self,
        sender_id: str,
        user_id: str,
        trigger_id: str,
        offer_id: str,
        step: str = "",
        languages: tuple[str, ...] = (),
    ) -> None:
        """Say bubble 1 and start bubble 2, wherever the window is.

        Raises:
            EngineRefused: this user has no such offer, or the other gateway refused.
            EngineUnreachable: the action server or the other gateway does not answer.
            ChatUndelivered: bubble 1 did not arrive.
        """
        if not self._has_window(sender_id):
            gateway_id = await self._peers.find_window(sender_id)
            if gateway_id is not None:
                asked = {
                    "user_id": user_id,
                    "trigger_id": trigger_id,
                    "offer_id": offer_id,
                    "step": step,
                    "languages": languages,
                }
                await self._peers.open_chat(gateway_id, sender_id, asked)
                return
        # If no gateway has the window, this raises the error with its remedy.
        await self._here.open(sender_id, user_id, trigger_id, offer_id, step, languages)

    def user_wrote(self, sender_id: str) -> None:
        """Handle that the user wrote in a window of this gateway."""
        self._here.user_wrote(sender_id)

    async def stop(self) -> None:
        """Cancel unfinished bubbles, because the server stops."""
        await self._here.stop()

    async def answer(self, asked: FindChatWindow | OpenChat) -> Answer:
        """Answer another gateway's request."""
        if isinstance(asked, FindChatWindow):
            is_here = self._has_window(asked.sender_id)
            return Answer(asked.question_id, gateway_id=self._peers.gateway_id if is_here else "")
        try:
            await self._check_owner(asked.user_id, asked.sender_id)
            await self._here.open(
                asked.sender_id,
                asked.user_id,
                asked.trigger_id,
                asked.offer_id,
                asked.step,
                asked.languages,
            )
        except AutoplayError as problem:
            kind = problem.kind if isinstance(problem, (EngineRefused, IdentityRefused)) else "failed"
            refusal = Refusal(kind, problem.message, problem.remedy)
            return Answer(asked.question_id, Reply(refusal=refusal))
        return Answer(asked.question_id)
