"""The contract of consent, as the gateway's other parts see it: may something about a user be kept?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from rasa_autoplay.gateway.sources.posthog.remembered_users import RememberedUsers
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.messages import Event

__all__ = ["ConsentOfUsers", "Outcome"]

#: What the page is told: whether consent is required and, if so, what became of the request.
Outcome = dict[str, Any]


class ConsentOfUsers(RememberedUsers, Protocol):
    """Knows which users have given consent."""

    def admitted(
        self,
        event: Event,
        deliver: Callable[[Event], object],
        drop: Callable[[Event], object] = ...,
    ) -> Event | None:
        """Return what may be kept of an event now; None if it is dropped, or held and delivered later.

        Args:
            event: the event.
            deliver: called later with what may be kept of it.
            drop: called, now or later, if nothing of it may be kept.
        """
        ...

    def guarded(self, link: Link) -> Link:
        """Return a link that sends nothing about users without consent."""
        ...

    async def give(self, user_id: str, version: str) -> Outcome:
        """Record that a user has given consent.

        Raises:
            EngineRefused, EngineUnreachable: it could not be stored.
        """
        ...

    async def withdraw(self, user_id: str) -> Outcome:
        """Forget everything about a user.

        Raises:
            EngineRefused, EngineUnreachable: it is not done everywhere yet.
        """
        ...

    async def deleted(self, user_id: str) -> None:
        """Forget a user whose data an operator has deleted."""
        ...

    async def run(self) -> None:
        """Ask the engine about unknown users, until cancelled."""
        ...

    def feed_event(self, user_id: str) -> str:
        """The data of the event ``consent`` that a feed begins with; empty for no such event."""
        ...

    def health(self) -> dict[str, Any]:
        """The mode, and counts without ids."""
        ...
