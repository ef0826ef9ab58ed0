"""Delivers offers that have waited for an open tab, if they are still welcome."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from rasa_autoplay.common.runtime.tasks import end_tasks, until_finished
from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.courtesy.gates import MOVED_ON
from rasa_autoplay.engine.decisions.late_offer_check import LateOfferCheck
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import OfferTimer, OpenOffers
from rasa_autoplay.link.messages import FeedInfo

__all__ = ["LateDeliveries"]

logger = logging.getLogger(__name__)


class LateDeliveries:
    """Checks waiting offers again, and then sends, postpones or withdraws them.

    Args:
        lifecycle: finds sessions and withdraws offers.
        open_offers: the offers that wait.
        check: asks an offer's trigger and the gates again.
        timers: an offer that was restored late is delivered by ``OfferTimer.RETRY_DELIVERY``.
        clock: epoch seconds.
        counts: this part adds ``late_delivery_held_by_<gate>``.
    """

    def __init__(
        self,
        lifecycle: OfferLifecycle,
        open_offers: OpenOffers,
        check: LateOfferCheck,
        timers: Timers,
        clock: Callable[[], float],
        counts: Counter[str],
    ) -> None:
        self._lifecycle = lifecycle
        self._open_offers = open_offers
        self._check = check
        self._timers = timers
        self._clock = clock
        self._counts = counts
        self._pending: set[asyncio.Task[None]] = set()
        self._restoring: asyncio.Task[None] | None = None

    def feed_opened(self, feed: FeedInfo, now: float) -> None:
        """Deliver the user's waiting offer to a feed that has just opened; ``now`` is in epoch seconds.

        A page that has changed its language gets an offer that it shows once more.
        """
        offer = self._open_offers.of_user(feed.user_id)
        if offer is None:
            return
        if not offer.awaits_rendering:
            self._open_offers.reword(offer, feed, now)
        elif not self._open_offers.matches_last_event_id(offer, feed, now):
            self._begin(offer, now, feed.feed_id)

    def retry(self, offer_id: str, now: float) -> None:
        """Try again to deliver an offer to every feed that has not received it."""
        offer = self._open_offers.get(offer_id)
        if offer is not None and offer.awaits_rendering:
            self._begin(offer, now)

    def withdraw_orphans(self, now: float) -> None:
        """Withdraw the offers that wait for a feed and that ``autoplay.yml`` no longer allows."""
        for offer in self._open_offers.queued():
            if self._check.why_not_configured(offer):
                self._begin(offer, now)

    def restore_unread(self) -> None:
        """Read in the background the open offers that could not be read before."""
        self._restoring = asyncio.get_running_loop().create_task(self._restore_unread())

    @property
    def is_delivering(self) -> bool:
        """Whether a delivery is pending."""
        return bool(self._pending)

    async def finish_pending(self) -> None:
        """Wait for pending deliveries."""
        await until_finished(self._pending)

    async def stop(self) -> None:
        """Stop reading from the database."""
        await end_tasks([self._restoring])

    async def _restore_unread(self) -> None:
        for offer in await self._open_offers.restore_unread(self._clock()):
            # By its timer, because a new version of the files may be in force by now.
            self._timers.set((OfferTimer.RETRY_DELIVERY, offer.offer_id), self._clock())

    def _begin(self, offer: Offer, now: float, feed_id: str = "") -> None:
        # In a task of its own: an async trigger and the database may be slow.
        delivery = asyncio.get_running_loop().create_task(self._deliver(offer, now, feed_id))
        self._pending.add(delivery)
        delivery.add_done_callback(self._pending.discard)

    async def _deliver(self, offer: Offer, now: float, feed_id: str) -> None:
        try:
            session = await self._lifecycle.latest_session(offer.user_id, now)
            stop = await self._check.check(offer, session, now)
        except Exception:
            logger.exception("The late delivery of offer %s failed.", offer.offer_id)
            return
        if self._open_offers.get(offer.offer_id) is not offer or not offer.awaits_rendering:
            return
        if stop is None:
            self._check.refresh_texts(offer, session)
            self._open_offers.send_again(offer, now, feed_id)
        elif stop.gate == MOVED_ON:
            await self._lifecycle.withdraw(offer, stop.detail, now)
        else:
            self._counts[f"late_delivery_held_by_{stop.gate}"] += 1
            self._open_offers.retry_at(offer, stop.until)
