"""What a gateway has to do with other gateways: nothing over HTTP, where it is the only one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rasa_autoplay.gateway.chat.engine_session_owners import EngineSessionOwners
from rasa_autoplay.gateway.chat.openings import ChatOpener, Conversations
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.remote_windows import CheckOwner
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners, SessionOwners
from rasa_autoplay.gateway.sources.base import Source
from rasa_autoplay.link.base import Link

__all__ = ["GatewayPeers", "SingleGateway"]


class GatewayPeers(Protocol):
    """This gateway among the others."""

    link: Link
    owners: SessionOwners

    def once(self, name: str, make: Callable[[], Source]) -> Source:
        """A source that runs once, however many gateways there are."""
        ...

    def conversations(self, chat: RasaChat, check_owner: CheckOwner) -> Conversations:
        """Opens conversations in chat windows; ``check_owner`` raises where a window is another user's."""
        ...


class SingleGateway:
    """A gateway without others.

    Args:
        link: to the one engine.
        is_enforced: whether a chat session is its owner's; only then must its owner outlive this process.
    """

    def __init__(self, link: Link, is_enforced: bool) -> None:
        self.link = link
        self.owners: SessionOwners = EngineSessionOwners(link) if is_enforced else LocalSessionOwners()

    def once(self, name: str, make: Callable[[], Source]) -> Source:
        """The source."""
        return make()

    def conversations(self, chat: RasaChat, check_owner: CheckOwner) -> Conversations:
        """Those of this server's windows."""
        return ChatOpener(self.link, chat)
