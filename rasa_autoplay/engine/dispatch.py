"""What a gateway reports, brought to the part of the engine that it concerns."""

from __future__ import annotations

import logging
from collections import Counter

from rasa_autoplay.engine.assistant.summarizer import Summarizer
from rasa_autoplay.engine.batch_hook import BatchHook
from rasa_autoplay.engine.decisions.driver import Driver
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.decisions.tour_orders import TourOrders
from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload
from rasa_autoplay.link.messages import (
    ChatDelivery,
    ChatMessage,
    Delivered,
    Event,
    FeedClosed,
    FeedOpened,
    FeedSnapshot,
    UpMessage,
)

__all__ = ["Dispatch"]

logger = logging.getLogger(__name__)


class Dispatch:
    """Takes one message at a time.

    Args:
        driver: takes actions.
        sessions: what summaries are for.
        interactions: what users do with us.
        outbox: is told of deliveries.
        presence: is told of feeds.
        ledger: keeps what became of bubbles.
        tour_orders: follows an upstream's orders.
        watchers: are shown what is new.
        summarizer: sums sessions up; None where no model does.
        hook: sees every batch.
    """

    def __init__(
        self,
        driver: Driver,
        sessions: SessionStore,
        interactions: OfferLifecycle,
        outbox: OpenOffers,
        presence: Presence,
        ledger: OfferLedger,
        tour_orders: TourOrders,
        watchers: Watchers,
        summarizer: Summarizer | None = None,
        hook: BatchHook | None = None,
    ) -> None:
        self._driver = driver
        self._sessions = sessions
        self._interactions = interactions
        self._outbox = outbox
        self._presence = presence
        self._ledger = ledger
        self._tour_orders = tour_orders
        self._watchers = watchers
        self._summarizer = summarizer
        self._hook = hook
        self.counts: Counter[str] = Counter()

    async def take(self, gateway_id: str, message: UpMessage, now: float) -> None:
        """Work one message off; one that cannot be must not stop those behind it.

        Args:
            gateway_id: who reports.
            message: what.
            now: epoch seconds.
        """
        try:
            await self._take(gateway_id, message, now)
        except Exception:
            self.counts["failed_messages"] += 1
            logger.exception("A %s from the gateway could not be worked off.", type(message).__name__)

    async def _take(self, gateway_id: str, message: UpMessage, now: float) -> None:
        if isinstance(message, Event):
            await self._take_event(message, now)
        elif isinstance(message, FeedSnapshot):
            self._presence.replace(gateway_id, message.feeds)
            for feed in message.feeds:
                await self._interactions.feed_opened(feed, now)
        elif isinstance(message, FeedOpened):
            self._presence.opened(gateway_id, message.feed)
            await self._interactions.feed_opened(message.feed, now)
        elif isinstance(message, FeedClosed):
            self._presence.closed(gateway_id, message.feed_id)
        elif isinstance(message, Delivered):
            self._outbox.delivered(message.offer_id, message.feed_ids, now)
        elif isinstance(message, ChatMessage):
            await self._interactions.chat_message(message.user_id, now)
        else:
            await self._note_bubble(message, now)

    async def _take_event(self, event: Event, now: float) -> None:
        payload = event.payload
        if isinstance(payload, SummaryPayload):
            await self._take_summary(payload)
            return
        if not isinstance(payload, ActionsPayload):
            await self._tour_orders.take(payload, now)
            return
        self.counts["batches"] += 1
        new = await self._driver.take_actions(payload, event.source, now, event.sender)
        self._watchers.actions(event.source, new)
        if self._summarizer is not None:
            session = await self._sessions.find((payload.product_id, payload.session_id or ""))
            if session is not None:
                self._summarizer.consider(session)
        if self._hook is not None:
            self._hook.take(payload)

    async def _take_summary(self, payload: SummaryPayload) -> None:
        session = await self._sessions.find((payload.product_id, payload.session_id or ""))
        taken = session is not None and session.summarize(payload)
        self.counts["summaries" if taken else "summaries_left"] += 1
        if session is not None and taken:
            await self._sessions.save(session, session.active_at)

    async def _note_bubble(self, report: ChatDelivery, now: float) -> None:
        what = {1: "question", 2: "follow-up"}.get(report.bubble, "bubble")
        fate = "injected" if report.fate == "delivered" else report.fate
        reason = f" ({report.detail})" if report.detail else ""
        logger.info("%s %s: sender=%s offer=%s%s", what, fate, report.sender_id, report.offer_id, reason)
        await self._ledger.note(report.offer_id, f"bubble_{report.bubble}_{report.fate}", now, report.detail)
        if report.bubble == 1 and report.fate == "failed":
            await self._interactions.help_failed(report.offer_id, now)
