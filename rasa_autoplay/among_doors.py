"""What a door has to do with other doors: nothing over HTTP, where it is the only one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rasa_autoplay.chat_owners import ChatOwners, OwnersHere
from rasa_autoplay.delivery.bubbles import Bubbles, Conversations
from rasa_autoplay.delivery.chat import RasaChat
from rasa_autoplay.delivery.chat_doors import CheckOwner
from rasa_autoplay.events.base import Source
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
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.owners: ChatOwners = OwnersHere()

    def once(self, name: str, make: Callable[[], Source]) -> Source:
        """The source."""
        return make()

    def conversations(self, chat: RasaChat, check_owner: CheckOwner) -> Conversations:
        """Those of this server's windows."""
        return Bubbles(self.link, chat)
