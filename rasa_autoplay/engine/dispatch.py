"""Hands each message of a gateway to the part of the engine that applies it."""

from __future__ import annotations

import logging
from collections import Counter

from rasa_autoplay.engine.assistant.summarizer import Summarizer
from rasa_autoplay.engine.batch_hook import BatchHook
from rasa_autoplay.engine.core.decision_core import EngineCore
from rasa_autoplay.engine.external_offers.copilot import Copilot
from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.offers.cause import begin_cause, resume_cause
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
    """Applies one message at a time.

    Args:
        core: sessions, presence and offers.
        watchers: receive new actions.
        summarizer: summarizes sessions; None without a language model.
        hook: called with every batch; None if not configured.
        copilot: what the hook gets.
        counts: this part adds ``batches``, ``summaries``, ``summaries_left`` and ``failed_messages``.
    """

    def __init__(
        self,
        core: EngineCore,
        watchers: Watchers,
        summarizer: Summarizer | None,
        hook: BatchHook | None,
        copilot: Copilot,
        counts: Counter[str],
    ) -> None:
        self._core = core
        self._watchers = watchers
        self._summarizer = summarizer
        self._hook = hook
        self._copilot = copilot
        self._counts = counts

    async def apply(self, gateway_id: str, message: UpMessage, now: float) -> None:
        """Apply one message. A failure is logged, so that later messages are still applied.

        Args:
            gateway_id: the sending gateway.
            message: the message.
            now: epoch seconds.
        """
        try:
            await self._apply(gateway_id, message, now)
        except Exception:
            self._counts["failed_messages"] += 1
            logger.exception("A %s from the gateway could not be applied.", type(message).__name__)

    async def _apply(self, gateway_id: str, message: UpMessage, now: float) -> None:
        core = self._core
        if isinstance(message, Event):
            begin_cause(gateway_id, message.arrived_at)
            try:
                await self._apply_event(message, now)
            finally:
                resume_cause(None)
        elif isinstance(message, FeedSnapshot):
            core.presence.replace(gateway_id, message.feeds)
            for feed in message.feeds:
                core.live.languages.page_stated(feed.user_id, feed.languages)
                core.late_deliveries.feed_opened(feed, now)
        elif isinstance(message, FeedOpened):
            await self._feed_opened(gateway_id, message, now)
        elif isinstance(message, FeedClosed):
            core.presence.closed(gateway_id, message.feed_id)
            core.live.silent_users.closed(message.user_id)
        elif isinstance(message, Delivered):
            core.lifecycle.record_delivery(message.offer_id, message.feed_ids, now)
        elif isinstance(message, ChatMessage):
            await core.lifecycle.chat_message(message.user_id, now)
        elif isinstance(message, ChatDelivery):
            await core.lifecycle.record_chat_delivery(message, now)

    async def _feed_opened(self, gateway_id: str, message: FeedOpened, now: float) -> None:
        core, feed = self._core, message.feed
        core.presence.opened(gateway_id, feed)
        core.live.languages.page_stated(feed.user_id, feed.languages)
        core.late_deliveries.feed_opened(feed, now)
        if await core.lifecycle.latest_session(feed.user_id, now) is None:
            core.live.silent_users.opened(feed.user_id, now)

    async def _apply_event(self, event: Event, now: float) -> None:
        payload = event.payload
        if isinstance(payload, ActionsPayload):
            await self._apply_actions(payload, event, now)
        elif isinstance(payload, SummaryPayload):
            await self._apply_summary(payload)
        else:
            await self._core.tour_orders.follow(payload, now)

    async def _apply_actions(self, payload: ActionsPayload, event: Event, now: float) -> None:
        self._counts["batches"] += 1
        new = await self._core.updater.apply(payload, event.source, now, event.sender)
        self._watchers.actions(event.source, new)
        if payload.user_id:
            self._core.live.silent_users.acted(payload.user_id)
        if self._summarizer is not None:
            session = await self._core.sessions.find((payload.product_id, payload.session_id or ""))
            if session is not None:
                self._summarizer.consider(session)
        if self._hook is not None:
            self._hook.call(payload, self._copilot)

    async def _apply_summary(self, payload: SummaryPayload) -> None:
        session = await self._core.sessions.find((payload.product_id, payload.session_id or ""))
        is_used = session is not None and session.summarize(payload)
        self._counts["summaries" if is_used else "summaries_left"] += 1
        if session is not None and is_used:
            await self._core.sessions.save(session, session.active_at)
