"""What a door has to do with other doors: nothing over HTTP, where it is the only one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rasa_autoplay.gateway.chat.engine_session_owners import OwnersInEngine
from rasa_autoplay.gateway.chat.openings import Bubbles, Conversations
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.remote_windows import CheckOwner
from rasa_autoplay.gateway.chat.session_owners import ChatOwners, OwnersHere
from rasa_autoplay.gateway.sources.base import Source
from rasa_autoplay.link.base import Link

__all__ = ["AmongDoors", "TheOnlyOne"]


class AmongDoors(Protocol):
    """This door among the others."""

    link: Link
    owners: ChatOwners

    def once(self, name: str, make: Callable[[], Source]) -> Source:
        """A source that runs once, however many doors there are."""
        ...

    def conversations(self, chat: RasaChat, check_owner: CheckOwner) -> Conversations:
        """Opens conversations in chat windows; ``check_owner`` raises where a window is another user's."""
        ...


class TheOnlyOne:
    """A door without others.

    Args:
        link: to the one engine.
        is_enforced: whether a chat session is its owner's; only then must its owner outlive this process.
    """

    def __init__(self, link: Link, is_enforced: bool) -> None:
        self.link = link
        self.owners: ChatOwners = OwnersInEngine(link) if is_enforced else OwnersHere()

    def once(self, name: str, make: Callable[[], Source]) -> Source:
        """The source."""
        return make()

    def conversations(self, chat: RasaChat, check_owner: CheckOwner) -> Conversations:
        """Those of this server's windows."""
        return Bubbles(self.link, chat)
