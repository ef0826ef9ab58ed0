"""Assembles the gateway: sources, toast feeds and chat. It makes no decisions."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rasa_autoplay.common.conversation.message_proofs import MessageProofs
from rasa_autoplay.common.identity.user_tokens import Caller, UserTokens
from rasa_autoplay.common.metrics.metric import ReadMetrics
from rasa_autoplay.common.metrics.route import MetricsRoute
from rasa_autoplay.common.runtime.gc_freeze import freeze_gc
from rasa_autoplay.gateway.access.admin_key import AdminKey
from rasa_autoplay.gateway.access.connections import HeaderDeadline, raise_descriptor_limit
from rasa_autoplay.gateway.access.forwarded_addresses import ForwardedAddresses
from rasa_autoplay.gateway.access.identity_modes import (
    Identity,
    ReportedIdentity,
    RequiredIdentity,
    UncheckedIdentity,
)
from rasa_autoplay.gateway.access.request_limits import RequestLimits
from rasa_autoplay.gateway.access.server_key import ServerKey
from rasa_autoplay.gateway.broker_relay import BrokerRelay
from rasa_autoplay.gateway.chat.continuations import Continuations
from rasa_autoplay.gateway.chat.guard import ChatGuard
from rasa_autoplay.gateway.chat.injection import RasaClasses
from rasa_autoplay.gateway.chat.injection_choice import INJECTIONS
from rasa_autoplay.gateway.chat.message_gateway import Answerer, MessageGateway
from rasa_autoplay.gateway.chat.metadata import user_of
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.rasa_server import RasaServer
from rasa_autoplay.gateway.chat.rate_limits import ChatRates
from rasa_autoplay.gateway.chat.sockets import ChatSockets
from rasa_autoplay.gateway.chat.tip_list_requests import TipListRequests
from rasa_autoplay.gateway.chat.tour_requests import TourRequests
from rasa_autoplay.gateway.configured_sources import ConfiguredSources
from rasa_autoplay.gateway.custody import Custody
from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.gateway_consent import GatewayConsent
from rasa_autoplay.gateway.gateway_health import GatewayHealth
from rasa_autoplay.gateway.journal import EventJournal
from rasa_autoplay.gateway.live_tails import LiveTails
from rasa_autoplay.gateway.metrics.health_readings import GatewayReadings
from rasa_autoplay.gateway.metrics.latencies import Latencies
from rasa_autoplay.gateway.peers import GatewayPeers, SingleGateway
from rasa_autoplay.gateway.receipt_delays import ReceiptDelays
from rasa_autoplay.gateway.recent_events import RecentEvents
from rasa_autoplay.gateway.recorder.recorder_keys import RecorderKeys
from rasa_autoplay.gateway.sightings import Sightings
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.studio.operators import Operators
from rasa_autoplay.gateway.studio.sessions import StudioSessions
from rasa_autoplay.gateway.subscriber_streams import EventStreams
from rasa_autoplay.gateway.tracing.traces import gateway_traces
from rasa_autoplay.link.base import Link, SettledHandler
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.http.client import HttpLink
from rasa_autoplay.link.http.endpoint import EngineEndpoint, link_url_endpoint
from rasa_autoplay.link.messages import ChatMessage, Delivered, Event, UpMessage
from rasa_autoplay.settings.channel import ChannelSettings

__all__ = ["Gateway", "MakeLink", "link_over_http"]

logger = logging.getLogger(__name__)

#: Makes the link to the engine of the channel's settings, the Rasa server and the clock (epoch seconds).
MakeLink = Callable[[ChannelSettings, RasaServer, Callable[[], float]], Link]


def link_over_http(settings: ChannelSettings, server: RasaServer, clock: Callable[[], float]) -> Link:
    """Make the link to an engine beside the actions, or at ``link.url``."""
    link = settings.link

    def find_endpoint() -> EngineEndpoint | None:
        return link_url_endpoint(link.url, link.cafile) if link.url else server.engine_endpoint()

    return HttpLink(settings.product_id, find_endpoint, link.secret, clock)


class Gateway:
    """The part of the copilot that runs in the Rasa server.

    Args:
        settings: the channel's section of ``credentials.yml``.
        make_link: makes the link to the engine, unless Redis joins several servers.
        clock: epoch seconds.
        recent: keeps recent events for an engine that ends together with this gateway.
        loaded: identifies the loaded version of ``credentials.yml``, for health; empty if it is unknown.
        engine_metrics: reads the metrics of an engine in this process; None if there is none.
    """

    def __init__(
        self,
        settings: ChannelSettings,
        make_link: MakeLink = link_over_http,
        clock: Callable[[], float] = time.time,
        recent: RecentEvents | None = None,
        loaded: Mapping[str, Any] | None = None,
        engine_metrics: ReadMetrics | None = None,
    ) -> None:
        self.settings = settings
        self.traces = gateway_traces(settings)
        self.identity = _identity(settings, clock)
        self.rates = RequestLimits(settings.rate_limits, time.monotonic)
        admin_key = AdminKey(settings.admin_key, time.monotonic)
        self.operators = Operators(admin_key, StudioSessions(settings.admin_key, clock))
        self.server_key = ServerKey(settings.server_key, time.monotonic)
        self.recorder_keys = RecorderKeys(settings.admin_key, clock, time.monotonic)
        self.sightings = Sightings(time.monotonic)
        self.receipt_delays = ReceiptDelays(self.sightings, time.monotonic)
        self.headers = HeaderDeadline()
        self.forwarded = ForwardedAddresses()
        self._server = RasaServer()
        proofs = MessageProofs(settings.link.secret, clock)
        chat = RasaChat(self._server, INJECTIONS[settings.chat.say](proofs))
        self._consent_parts = GatewayConsent(settings, clock)
        self.consent = self._consent_parts.consent
        self._peers = self._connect_peers(chat, make_link, clock)
        self.link = self._peers.link
        self._broker_relay = BrokerRelay(self._server.event_broker, lambda: self.link)
        self.chat_opener = self._peers.chat_opener
        chat_rates = ChatRates(settings.rate_limits, time.monotonic)
        self.chat_sockets = ChatSockets(
            settings.rate_limits, chat_rates, self.rates, clock, self._languages_of
        )
        self.chat_guard = ChatGuard(
            self.identity, self._consent_parts.owners(self._peers.owners), self.chat_sockets, chat_rates
        )
        self.messages = MessageGateway(self.identity, proofs, self._answerers(chat))
        self.feeds = FeedHub(
            self._report, settings.rate_limits.max_feeds, settings.rate_limits.max_feeds_per_user
        )
        self.latencies = Latencies()
        self.health = GatewayHealth(lambda: self.link, self._health_parts(loaded or {}))
        readings = GatewayReadings(self.health.own, lambda: self.feeds.waiting, self.latencies)
        parts = [readings.read, *([engine_metrics] if engine_metrics else [])]
        #: The route of the metrics; without a token, there are none.
        self.metrics = MetricsRoute(settings.metrics_token, time.monotonic, *parts)
        journal = settings.journal
        self.custody = Custody(
            self._send_event,
            EventJournal(journal.path, journal.max_bytes, time.monotonic) if journal else None,
            recent,
        )
        #: Where sources hand over events.
        self.keeper = self._consent_parts.keeper(self.custody)
        self.tails = LiveTails()
        self.event_streams = EventStreams()
        self.sources = ConfiguredSources(
            settings,
            self._peers,
            self._consent_parts.admitting(self._enqueue),
            lambda: self._consent_parts.users(self.feeds.users()),
            clock,
            self.consent,
        )
        self._consent_parts.connect(self)

    def _health_parts(self, loaded: Mapping[str, Any]) -> Sequence[Callable[[], Mapping[str, Any]]]:
        """What health says of each part. Most parts do not exist yet; they are read later."""
        return (
            lambda: {"configuration": loaded} if loaded else {},
            lambda: {"seen": self.sightings.health(), "identity": self.identity.health()},
            lambda: {"rate_limited": {**self.rates.health(), **self._refused_keys()}},
            lambda: {"consent": self.consent.health(), "proxy": self.forwarded.health()},
            lambda: {"feeds": {"open": len(self.feeds), "refused": dict(self.feeds.refused)}},
            lambda: {"chat": self.chat_sockets.health()},
            lambda: {"sources": {source.name: source.health() for source in self.sources}},
            lambda: {"link": {**self.link.health(), "feeds": len(self.feeds)}},
            lambda: {"journal": self.custody.health()},
            self._broker_relay.health,
            lambda: {"tracing": self.traces.health()} if self.traces is not None else {},
        )

    def _refused_keys(self) -> dict[str, int]:
        return {
            "by_admin_key": self.operators.key.refused,
            "by_server_key": self.server_key.refused,
            "by_recorder_key": self.recorder_keys.refused,
            "by_metrics_token": self.metrics.refused,
        }

    def _answerers(self, chat: RasaChat) -> list[Answerer]:
        """Those who may answer a user's message in Rasa's place."""
        answerers: list[Answerer] = [
            TourRequests(self.link, chat, self._languages_of),
            TipListRequests(self.link, chat, self._languages_of),
        ]
        if self.settings.chat.bot_confidence > 0:
            answerers.append(Continuations(self.link, chat, chat.talks, self.settings.chat.bot_confidence))
        return answerers

    def _languages_of(self, user_id: str) -> tuple[str, ...]:
        return self.feeds.languages_of(user_id)

    def _connect_peers(self, chat: RasaChat, make_link: MakeLink, clock: Callable[[], float]) -> GatewayPeers:
        settings = self.settings
        if settings.shared is None:
            link = self.consent.guarded(make_link(settings, self._server, clock))
            return SingleGateway(link, chat, is_enforced=settings.identity == "required")
        # Imported here, because only Redis users have the package redis.
        from rasa_autoplay.gateway.redis.peers import RedisGateway

        return RedisGateway(settings, clock, chat, self._check_owner, self._consent_parts, self.traces)

    async def claim_once(self, what: str, for_s: float) -> bool:
        """Claim something that only one of the gateways may have; return whether this one has it.

        Raises:
            EngineUnreachable: Redis, which joins the gateways, is away.
        """
        return await self._peers.claim_once(what, for_s)

    async def _check_owner(self, user_id: str, sender_id: str) -> None:
        """Check that a user whom another gateway has verified may use a chat window of this gateway."""
        await self.chat_guard.check(Caller(user_id), sender_id)

    def _enqueue(self, payload: Payload, source: str) -> bool:
        if self.traces is None:
            return self._send_event(Event(payload, source))
        with self.traces.begun(source):
            return self._send_event(Event(payload, source))

    def _report(self, message: UpMessage) -> bool:
        """Report something about feeds to the engine."""
        if isinstance(message, Delivered):
            self.receipt_delays.written(message.offer_id)
        if self.traces is not None:
            self.traces.delivered(message)
        return self.link.send(message)

    async def _deliver(self, frame: FeedFrame) -> None:
        if self.traces is not None:
            self.traces.received(frame)
        await self.feeds.deliver(frame)

    def _settle(self, message: UpMessage, is_received: bool) -> None:
        if self.traces is not None:
            self.traces.settled(message, is_received)
        self.custody.record_outcome(message, is_received)

    def _send_event(self, event: Event) -> bool:
        if self.traces is not None:
            self.traces.queued(event)
        if self.metrics.is_on:
            self.latencies.arrived(event)
        self.event_streams.publish(event.payload)
        return self.link.send(event)

    async def start(self, app: Any, classes: RasaClasses) -> None:
        """Start the link, then the sources.

        Args:
            app: Rasa's Sanic app.
            classes: Rasa's own classes.
        """
        self._server.attach(app, classes)
        freeze_gc()
        raise_descriptor_limit()
        self.headers.start()
        if self.traces is not None:
            self.traces.start()
        on_settled: SettledHandler = self._settle
        if self.metrics.is_on:
            on_settled = self.latencies.watching(on_settled)
        self.link.start(self._deliver, self.feeds.open_feeds, on_settled)
        self.custody.recover(self.consent.admitted)
        self._consent_parts.start()
        self._broker_relay.start()
        await self.sources.start()
        if self.settings.identity == "none":
            logger.warning(
                "credentials.yml has identity: none, so any browser may speak for any user. "
                "Use this only for trials."
            )

    async def stop(self) -> None:
        """Stop the sources, end all streams, and send the queued messages."""
        await self.sources.stop()
        await self._consent_parts.stop()
        self.feeds.end_all()
        self.event_streams.end_all()
        await self.chat_sockets.stop()
        await self.tails.stop()
        await self._broker_relay.stop()
        await self.chat_opener.stop()
        await self.headers.stop()
        await self.link.stop()
        self.custody.close()
        if self.traces is not None:
            await self.traces.stop()

    def user_wrote(self, sender_id: str, metadata: Mapping[str, Any] | None) -> None:
        """Handle that a user wrote in the chat."""
        self.chat_opener.user_wrote(sender_id)
        self.sightings.saw("chat_message")
        user_id = user_of(metadata)
        if user_id and self.consent.may_remember(user_id):
            self.sources.user_wrote(user_id)
        self.link.send(ChatMessage(user_id or sender_id, sender_id))


def _identity(settings: ChannelSettings, clock: Callable[[], float]) -> Identity:
    if settings.identity == "none":
        return UncheckedIdentity()
    tokens = UserTokens(settings.jwt_key, settings.product_id, clock)
    return RequiredIdentity(tokens) if settings.identity == "required" else ReportedIdentity(tokens)
