"""Tells other gateways that a user has given or withdrawn consent."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.gateway.consent.base import ConsentOfUsers

__all__ = ["AnnouncedConsents", "ConsentAnnouncer", "NobodyToTell"]


class ConsentAnnouncer(Protocol):
    """Reaches the other gateways, and what they share."""

    async def announce(self, user_id: str, since: float) -> None:
        """Tell all other gateways, and wait until they have acted on it.

        Args:
            user_id: the user.
            since: when consent was given, epoch seconds; ``NEVER`` after a withdrawal.

        Raises:
            EngineUnreachable: not all of them answer.
        """
        ...

    async def forget_user(self, user_id: str) -> None:
        """Delete what the gateways share about a user.

        Raises:
            EngineUnreachable: that is impossible now.
        """
        ...


class AnnouncedConsents(Protocol):
    """What a gateway knows about consent, and hears from the others."""

    consent: ConsentOfUsers

    def announce_to(self, announcer: ConsentAnnouncer) -> None:
        """Set who reaches the other gateways."""
        ...

    async def told(self, user_id: str, since: float) -> None:
        """Act on what another gateway has announced."""
        ...


class NobodyToTell:
    """There is one gateway, which shares nothing."""

    async def announce(self, user_id: str, since: float) -> None:
        """Do nothing."""

    async def forget_user(self, user_id: str) -> None:
        """Do nothing."""
