"""Connects the consent of users with the gateway's parts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Protocol

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.gateway.admitting_custody import AdmittingCustody
from rasa_autoplay.gateway.chat.passing_owners import PassingOwners
from rasa_autoplay.gateway.chat.session_owners import SessionOwners
from rasa_autoplay.gateway.consent.announcements import ConsentAnnouncer
from rasa_autoplay.gateway.consent.base import ConsentOfUsers
from rasa_autoplay.gateway.consent.not_required import ConsentNotRequired
from rasa_autoplay.gateway.consent.required_consent import RequiredConsent, consent_data
from rasa_autoplay.gateway.custody import Custody, EventKeeper
from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Event, FeedOpened
from rasa_autoplay.settings.channel import ChannelSettings

__all__ = ["CONSENT_EVENT", "GatewayConsent"]

#: The event that tells a page whether it has to ask.
CONSENT_EVENT = "consent"
Enqueue = Callable[[Payload, str], bool]


class _Sources(Protocol):
    def forget_user(self, user_id: str) -> None: ...


class _Gateway(Protocol):
    """The parts of the gateway that know users."""

    link: Link
    feeds: FeedHub
    custody: Custody

    @property
    def sources(self) -> _Sources: ...


class GatewayConsent:
    """Makes what ``consent:`` asks for, and tells the other parts what pages say.

    Args:
        settings: the channel's section of ``credentials.yml``.
        clock: epoch seconds.
    """

    def __init__(self, settings: ChannelSettings, clock: Callable[[], float]) -> None:
        self._gateway: _Gateway | None = None
        self._task: asyncio.Task[None] | None = None
        self._required: RequiredConsent | None = None
        if settings.consent == "required":
            self._required = RequiredConsent(clock, time.monotonic, self._forget, self._changed)
        self.consent: ConsentOfUsers = self._required or ConsentNotRequired()

    def connect(self, gateway: _Gateway) -> None:
        """Set the gateway whose parts this connects."""
        self._gateway = gateway

    def keeper(self, custody: Custody) -> EventKeeper:
        """Return where sources hand over events, which must become safe."""
        return custody if self._required is None else AdmittingCustody(custody, self._required)

    def owners(self, owners: SessionOwners) -> SessionOwners:
        """Return what remembers the owners of chat sessions."""
        return owners if self._required is None else PassingOwners(owners, self._required.may_remember)

    def admitting(self, enqueue: Enqueue) -> Enqueue:
        """Return where sources hand over events that they can read again."""
        required = self._required
        if required is None:
            return enqueue

        def admit(payload: Payload, source: str) -> bool:
            part = required.admitted(
                Event(payload, source), lambda event: enqueue(event.payload, event.source)
            )
            return part is None or enqueue(part.payload, part.source)

        return admit

    def users(self, users: Collection[str]) -> Collection[str]:
        """Return those users of whom something may be asked."""
        if self._required is None:
            return users
        return [user_id for user_id in users if self._required.may_remember(user_id)]

    def announce_to(self, announcer: ConsentAnnouncer) -> None:
        """Set who reaches the other gateways."""
        if self._required is not None:
            self._required.announcer = announcer

    async def told(self, user_id: str, since: float) -> None:
        """Act on what another gateway has announced."""
        if self._required is not None:
            await self._required.told(user_id, since)

    def start(self) -> None:
        """Begin to ask the engine about unknown users."""
        self._task = asyncio.get_running_loop().create_task(self.consent.run(), name="autoplay consents")

    async def stop(self) -> None:
        """End."""
        await end_tasks([self._task])

    def _changed(self, user_id: str, is_given: bool) -> None:
        """Tell the user's pages, and tell the engine of their feeds."""
        gateway = self._gateway
        if gateway is None:
            return
        for feed in gateway.feeds.feeds_of(user_id):
            feed.put(FeedFrame(user_id, CONSENT_EVENT, "", consent_data(is_given)))
            if is_given:
                gateway.link.send(FeedOpened(feed.info()))

    def _forget(self, user_id: str, _sessions: set[str], is_theirs: Callable[[Event], bool]) -> None:
        gateway = self._gateway
        if gateway is None:
            return
        gateway.sources.forget_user(user_id)
        # First those in the queue, because the journal writes them again.
        gateway.link.forget(user_id, is_theirs)
        gateway.custody.forget(is_theirs)
