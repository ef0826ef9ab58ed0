"""The sources of events that ``credentials.yml`` configures."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator

from rasa_autoplay.gateway.peers import GatewayPeers
from rasa_autoplay.gateway.sources.analytics.amplitude import AMPLITUDE
from rasa_autoplay.gateway.sources.analytics.fullstory import FULLSTORY
from rasa_autoplay.gateway.sources.base import Source
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.live_activity import LiveActivity
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import AnalyticsWebhook
from rasa_autoplay.gateway.sources.posthog.destination import POSTHOG
from rasa_autoplay.gateway.sources.posthog.remembered_users import EVERYBODY, RememberedUsers
from rasa_autoplay.gateway.sources.posthog.session_rules import SESSION_RULES
from rasa_autoplay.gateway.sources.posthog.source import CaptureSource
from rasa_autoplay.gateway.sources.push import PushedEvents
from rasa_autoplay.gateway.sources.subscription import StreamSubscription
from rasa_autoplay.settings.channel import ChannelSettings

__all__ = ["ConfiguredSources", "Enqueue"]

#: Queues a payload of a source, by its name; False if the queue is full.
Enqueue = Callable[[Payload, str], bool]


class ConfiguredSources:
    """Creates, starts and stops the sources.

    Args:
        settings: the channel's section of ``credentials.yml``.
        peers: the other gateways, of which one alone reads the connector's stream.
        enqueue: queues a payload.
        users: the users with an open feed.
        clock: epoch seconds.
        remembered: the users whose events may be read, and who may be remembered.
    """

    def __init__(
        self,
        settings: ChannelSettings,
        peers: GatewayPeers,
        enqueue: Enqueue,
        users: Callable[[], Collection[str]],
        clock: Callable[[], float],
        remembered: RememberedUsers = EVERYBODY,
    ) -> None:
        product_id = settings.product_id
        pages = Pages(settings.pages.names, settings.pages.query)
        #: The capture of posthog-js; None if it is off.
        self.capture = _capture(settings, pages, clock, remembered)
        #: The webhooks of analytics products.
        self.webhooks = [
            AnalyticsWebhook(kind, product_id, secret, clock, pages, remembered)
            for kind, secret in (
                (POSTHOG, settings.posthog_secret),
                (AMPLITUDE, settings.amplitude_secret),
                (FULLSTORY, settings.fullstory_secret),
            )
            if secret
        ]
        #: Events that Autoplay's connector pushes; None if it may not.
        self.pushed = (
            PushedEvents(settings.webhook_secret, product_id, clock) if settings.webhook_secret else None
        )
        self._live = (
            LiveActivity(settings.live_activity, product_id, users, enqueue, clock)
            if settings.live_activity
            else None
        )
        found = (
            self.capture,
            *self.webhooks,
            _stream(settings, peers, enqueue, clock),
            self.pushed,
            self._live,
        )
        self._all: list[Source] = [source for source in found if source is not None]

    def __iter__(self) -> Iterator[Source]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    async def start(self) -> None:
        """Start all sources."""
        for source in self._all:
            await source.start()

    async def stop(self) -> None:
        """Stop all sources."""
        for source in self._all:
            await source.stop()

    def forget_user(self, user_id: str) -> None:
        """Forget what the sources remember about a user between requests."""
        for source in (self.capture, *self.webhooks, self._live):
            if source is not None:
                source.forget_user(user_id)

    def user_wrote(self, user_id: str) -> None:
        """Tell the sources that a user wrote in the chat, because one of them asks for such a user sooner."""
        if self._live is not None:
            self._live.user_wrote(user_id)


def _capture(
    settings: ChannelSettings, pages: Pages, clock: Callable[[], float], remembered: RememberedUsers
) -> CaptureSource | None:
    if settings.capture is None:
        return None
    key, limit = settings.capture.project_key, settings.rate_limits.max_capture_bytes
    session_of = SESSION_RULES[settings.capture.sessions]
    return CaptureSource(settings.product_id, clock, pages, key, limit, remembered, session_of)


def _stream(
    settings: ChannelSettings, peers: GatewayPeers, enqueue: Enqueue, clock: Callable[[], float]
) -> Source | None:
    if settings.stream is None or not settings.stream.url:
        return None
    token = settings.stream.token.reveal()
    stream = functools.partial(
        StreamSubscription, settings.stream.url, token, settings.product_id, enqueue, clock
    )
    return peers.singleton("stream", stream)
