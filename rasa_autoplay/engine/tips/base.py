"""The contract of a store of users' choices."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.engine.courtesy.user_choices import Mute, OwnQuietHours, UserChoices

__all__ = ["ChoiceStore"]


class ChoiceStore(Protocol):
    """Stores what users have chosen in "My tips". A change is True once it is durable."""

    #: What is wrong with the database, for operators; empty if it works.
    problem: str

    async def of(self, user_id: str) -> UserChoices | None:
        """Return what a user has chosen; None if it cannot be read."""
        ...

    async def mute(self, user_id: str, topic: str, mute: Mute) -> bool:
        """Mute a topic; an empty topic stands for everything."""
        ...

    async def unmute(self, user_id: str, topic: str, now: float) -> bool:
        """Unmute a topic; an empty topic stands for everything."""
        ...

    async def set_quiet_hours(self, user_id: str, hours: OwnQuietHours | None, now: float) -> bool:
        """Replace the user's own quiet hours; None for none."""
        ...
