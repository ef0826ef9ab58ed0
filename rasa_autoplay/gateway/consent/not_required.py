"""``consent: not_required``: the team has another ground for it, or asks for consent itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rasa_autoplay.gateway.consent.base import Outcome
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.messages import Event

__all__ = ["ConsentNotRequired"]

_ANSWER: Outcome = {"status": "ok", "required": False}


class ConsentNotRequired:
    """Everything may be kept."""

    def may_read(self, user_id: str | None) -> bool:
        """True."""
        return True

    def may_remember(self, user_id: str | None) -> bool:
        """True."""
        return True

    def admitted(
        self, event: Event, deliver: Callable[[Event], object], drop: Callable[[Event], object] = bool
    ) -> Event | None:
        """The event."""
        return event

    def guarded(self, link: Link) -> Link:
        """The link itself."""
        return link

    async def give(self, user_id: str, version: str) -> Outcome:
        """Say that it is not required. Nothing is stored."""
        return dict(_ANSWER)

    async def withdraw(self, user_id: str) -> Outcome:
        """Say that it is not required. Nothing is deleted, because the next event would be kept again."""
        return dict(_ANSWER)

    async def deleted(self, user_id: str) -> None:
        """Do nothing: whatever the user does next is kept again."""

    async def run(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()

    def feed_event(self, user_id: str) -> str:
        """No event."""
        return ""

    def health(self) -> dict[str, Any]:
        """The mode."""
        return {"mode": "not_required"}
