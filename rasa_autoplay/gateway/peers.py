"""What depends on whether there are other gateways. Over HTTP there is only one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rasa_autoplay.gateway.chat.engine_session_owners import EngineSessionOwners
from rasa_autoplay.gateway.chat.openings import ChatOpener, Conversations
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners, SessionOwners
from rasa_autoplay.gateway.sources.base import Source
from rasa_autoplay.link.base import Link

__all__ = ["GatewayPeers", "SingleGateway"]


class GatewayPeers(Protocol):
    """The gateway's link, session owners and chat opener, which other gateways may share."""

    link: Link
    owners: SessionOwners
    chat_opener: Conversations

    def singleton(self, name: str, make: Callable[[], Source]) -> Source:
        """A source that only one gateway runs at a time."""
        ...

    async def claim_once(self, what: str, for_s: float) -> bool:
        """Claim something that only one gateway may have within that time; return whether this one has it."""
        ...


class SingleGateway:
    """The only gateway.

    Args:
        link: to the engine.
        chat: this server's chat windows.
        is_enforced: whether chat sessions are bound to their owners, who must then outlive this process.
    """

    def __init__(self, link: Link, chat: RasaChat, is_enforced: bool) -> None:
        self.link = link
        self.owners: SessionOwners = EngineSessionOwners(link) if is_enforced else LocalSessionOwners()
        self.chat_opener: Conversations = ChatOpener(link, chat, chat.talks)

    def singleton(self, name: str, make: Callable[[], Source]) -> Source:
        """The source itself."""
        return make()

    async def claim_once(self, what: str, for_s: float) -> bool:
        """There is no other gateway."""
        return True
