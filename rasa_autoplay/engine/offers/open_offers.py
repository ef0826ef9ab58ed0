"""Holds the open offers, and sends each to every feed of its user."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from enum import Enum
from typing import Protocol

import msgspec

from rasa_autoplay.common.languages.each_language import in_language
from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.cause import arrival_at
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_index import OfferIndex
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.offers.page_groups import FeedLanguages
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.link.frames import FeedFrame, withdrawal
from rasa_autoplay.link.messages import FeedInfo

__all__ = [
    "IMPLICIT_RENDER_S",
    "FramePublisher",
    "OfferObserver",
    "OfferTimer",
    "OpenOffers",
    "no_offer_observer",
]

logger = logging.getLogger(__name__)

#: Some front ends send no receipts. If the feed stays open this long after the delivery, the toast counts as
#: rendered.
IMPLICIT_RENDER_S = 2.0
#: While the database is not available, open offers are read again after this pause.
_RESTORE_RETRY_S = 1.0
_HAS_ANOTHER = "the user has another offer"


class OfferTimer(str, Enum):
    """Timers of offers; a timer's argument is the offer's id, except for ``RESTORE``."""

    EXPIRE = "expire_offer"
    PRESUME_RENDERED = "presume_rendered"
    RETRY_DELIVERY = "retry_delivery"
    RESTORE = "restore_offers"


OfferObserver = Callable[[Offer, float], None]


def no_offer_observer(_offer: Offer, _now: float) -> None:
    """Do nothing."""


class FramePublisher(Protocol):
    """Sends frames to gateways."""

    def push(self, gateway_id: str, frame: FeedFrame) -> bool:
        """Send a frame to a gateway; False if that gateway is not connected."""
        ...


class OpenOffers:
    """The open offers of all users; for each user, at most one waits to be shown.

    Args:
        ledger: stores offers durably.
        presence: the open feeds.
        publisher: sends frames to the gateways.
        timers: timers of the kinds in :class:`OfferTimer` are set here.
        observe: called whenever an offer changes its status.
        languages: the languages of users.
    """

    def __init__(
        self,
        ledger: OfferLedger,
        presence: Presence,
        publisher: FramePublisher,
        timers: Timers,
        observe: OfferObserver = no_offer_observer,
        languages: UserLanguages | None = None,
    ) -> None:
        self._ledger = ledger
        self._presence = presence
        self._publisher = publisher
        self._timers = timers
        self._observe = observe
        self._languages = FeedLanguages(presence, UserLanguages() if languages is None else languages)
        self._offers = OfferIndex()
        #: By offer: the gateways that have got it.
        self._pushed_to: dict[str, set[str]] = {}
        #: By offer: the feeds to which it was written.
        self._sent_to: dict[str, set[str]] = {}
        #: Filters for users whose open offers could not be read yet.
        self._unread: list[Callable[[str], bool]] = []
        self.counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._offers)

    async def restore(self, now: float, is_ours: Callable[[str], bool] = lambda _user_id: True) -> None:
        """Load the offers that an earlier run of the engine left open.

        While the database is not available, ``OfferTimer.RESTORE`` fires every second.

        Args:
            now: epoch seconds.
            is_ours: whether this engine serves a user, by id.
        """
        found = await self._ledger.open_offers(now)
        if self._ledger.problem:
            self._unread.append(is_ours)
            self._timers.set((OfferTimer.RESTORE, None), now + _RESTORE_RETRY_S)
        for offer in found:
            if is_ours(offer.user_id) and offer.offer_id not in self._offers:
                self._add(offer)

    async def restore_unread(self, now: float) -> list[Offer]:
        """Load offers that could not be read before; return those that still wait to be shown.

        If the user has another offer by now, the one that a browser has stays, or else the earlier one.
        """
        unread, self._unread = self._unread, []
        if not unread:
            return []
        known, newer = {offer.offer_id for offer in self._offers}, self._offers.newest_by_user()
        await self.restore(now, lambda user_id: any(is_ours(user_id) for is_ours in unread))
        found = [o for o in self._offers if o.offer_id not in known and o.awaits_rendering]
        restored = []
        for offer in found:
            other = newer.get(offer.user_id)
            if other is None or (self._is_queued(other) and await self.withdraw(other, now, _HAS_ANOTHER)):
                self._offers.set_newest(offer)
                restored.append(offer)
            else:
                await self.withdraw(offer, now, _HAS_ANOTHER)
        return restored

    def release(self, is_theirs: Callable[[str], bool]) -> None:
        """Forget the offers of these users, because another engine serves them now."""
        self._unread = [_without(is_theirs, is_ours) for is_ours in self._unread]
        for offer in self._offers:
            if is_theirs(offer.user_id):
                self._drop(offer)

    def of_user(self, user_id: str) -> Offer | None:
        """Return the user's newest open offer, which may be withheld; None if there is none."""
        return self._offers.of_user(user_id)

    def answerable_by(self, user_id: str) -> Offer | None:
        """Return the newest open offer that the user may have got; None if there is none."""
        return self._offers.answerable_by(user_id)

    def is_waiting(self, user_id: str) -> bool:
        """Whether an offer waits to be shown to this user, so that no other offer can be made."""
        offer = self._offers.of_user(user_id)
        return offer is not None and offer.awaits_rendering

    def queued(self) -> list[Offer]:
        """Return the offers that no browser has received, as far as the engine knows."""
        return [offer for offer in self._offers if self._is_queued(offer)]

    def _is_queued(self, offer: Offer) -> bool:
        if offer.is_withheld:
            return offer.awaits_rendering and not self._sent_to.get(offer.offer_id)
        return offer.status is OfferStatus.QUEUED

    def get(self, offer_id: str) -> Offer | None:
        """Return the open offer with that id; None if there is none."""
        return self._offers.get(offer_id)

    async def post(self, offer: Offer, now: float) -> None:
        """Store a new offer, then send it to every feed of its user, unless it is withheld."""
        self._add(offer)
        await self._ledger.save(offer)
        if not offer.is_open:
            return  # withdrawn in the meantime
        feeds = self._presence.feeds_of(offer.user_id)
        self._send(offer, feeds, now)
        logger.info(
            "%s: user=%s trigger=%s offer=%s (subscribers=%d)",
            "withheld" if offer.is_withheld else "published",
            offer.user_id,
            offer.trigger_id,
            offer.offer_id,
            len(feeds),
        )

    def matches_last_event_id(self, offer: Offer, feed: FeedInfo, now: float) -> bool:
        """Whether a feed that has just opened belongs to a browser that already has the offer."""
        if feed.last_offer_id != offer.offer_id:
            return False
        # The engine or the gateway restarted between the delivery and its report.
        self.delivered(offer.offer_id, [feed.feed_id], now)
        return True

    def send_again(self, offer: Offer, now: float, feed_id: str = "") -> None:
        """Send a waiting offer to one feed, or without ``feed_id`` to all feeds that have not received it."""
        feeds = self._presence.feeds_of(offer.user_id)
        had = self._sent_to.get(offer.offer_id, ())
        wanted = [feed_id] if feed_id else [each for each in feeds if each not in had]
        self._send(offer, {each: feeds[each] for each in wanted if each in feeds}, now)

    def reword(self, offer: Offer, feed: FeedInfo, now: float) -> None:
        """Send an offer that is shown already to a page that reads it in another language than it has.

        The ledger stores the text in that language with the offer's next change.
        """
        if offer.is_withheld or offer.texts is None or feed.last_offer_id == offer.offer_id:
            return
        languages = self._languages.of_feed(offer.user_id, feed.feed_id)
        gateway_id = self._presence.feeds_of(offer.user_id).get(feed.feed_id)
        if gateway_id is not None and in_language(offer.texts.body, languages) != offer.body:
            self._send(offer, {feed.feed_id: gateway_id}, now)

    def retry_at(self, offer: Offer, due: float) -> None:
        """Try the delivery again at ``due`` (epoch seconds), unless the offer has expired by then."""
        self._timers.set((OfferTimer.RETRY_DELIVERY, offer.offer_id), due if due < offer.expires_at else None)

    async def undo_acceptance(self, offer: Offer, now: float) -> bool:
        """Undo an acceptance whose chat could not be opened; False if the offer was not accepted."""
        if not offer.undo_acceptance(now):
            return False
        self._observe(offer, now)
        if offer.is_open:
            self._add(offer)
        await self._ledger.save(offer)
        return True

    def _send(self, offer: Offer, feeds: dict[str, str], now: float) -> None:
        if offer.is_withheld:
            self._pretend_to_send(offer, feeds, now)
            return
        left_s = offer.expires_at - now
        for gateway_id, languages, feed_ids in self._languages.groups(offer.user_id, feeds):
            offer.say_in(languages)
            data = msgspec.json.encode(offer.toast()).decode()
            frame = FeedFrame(
                offer.user_id,
                "proactive",
                offer.offer_id,
                data,
                feed_ids,
                left_s,
                caused_at=arrival_at(gateway_id),
            )
            self._publisher.push(gateway_id, frame)
            self._pushed_to.setdefault(offer.offer_id, set()).add(gateway_id)
        if feeds and offer.texts is not None:
            offer.say_in(self._languages.of_newest(offer.user_id, feeds))

    def _pretend_to_send(self, offer: Offer, feeds: Collection[str], now: float) -> None:
        """Let a withheld offer count as rendered when its toast would have been rendered."""
        if feeds:
            self._sent_to.setdefault(offer.offer_id, set()).update(feeds)
        open_feeds = self._presence.open_among(offer.user_id, feeds)
        if open_feeds:
            reports = any(feed.sends_receipts for feed in open_feeds)
            due = now if reports else now + IMPLICIT_RENDER_S
            self._timers.set((OfferTimer.PRESUME_RENDERED, offer.offer_id), due)

    def delivered(self, offer_id: str, feed_ids: Sequence[str], now: float) -> None:
        """Record that a gateway has written the offer to these feeds.

        The ledger stores this with the offer's next change, at most 2 s later, to save a transaction.
        """
        offer = self._offers.get(offer_id)
        if offer is None or not offer.awaits_rendering:
            return
        if offer.texts is not None:
            offer.say_in(self._languages.of_newest(offer.user_id, feed_ids))
        if offer.advance(OfferStatus.SENT, now):
            self._observe(offer, now)
        self._sent_to.setdefault(offer_id, set()).update(feed_ids)
        self._timers.set((OfferTimer.PRESUME_RENDERED, offer_id), now + IMPLICIT_RENDER_S)

    async def presume_rendered(self, offer_id: str, now: float) -> Offer | None:
        """Decide, some time after the delivery, whether the toast counts as rendered.

        Returns:
            The offer if it does. None if a receipt has already reported it, if the pages send receipts but
            none has arrived, or if all feeds with the offer have closed (it then waits for the next feed). A
            withheld offer has no receipts, and counts as rendered while a feed is open.
        """
        offer = self._offers.get(offer_id)
        if offer is None or not offer.awaits_rendering:
            return None
        feeds = self._presence.open_among(offer.user_id, self._sent_to.get(offer_id, ()))
        if any(offer.is_withheld or not feed.sends_receipts for feed in feeds):
            return offer
        if feeds:
            return None
        self._sent_to.pop(offer_id, None)
        await self.advance(offer, OfferStatus.QUEUED, now)
        return None

    async def advance(self, offer: Offer, status: OfferStatus, now: float) -> bool:
        """Change an offer's status and store it; False if nothing changes."""
        was_waiting = offer.awaits_rendering
        if not await self._change(offer, status, now):
            return False
        if was_waiting and status is OfferStatus.EXPIRED and not offer.is_withheld:
            self._count_undelivered(offer.user_id)
        return True

    async def withdraw(self, offer: Offer, now: float, reason: str) -> bool:
        """End an offer that is no longer welcome; False if it has been shown, or has ended already."""
        if not offer.awaits_rendering:
            return False
        for gateway_id in self._pushed_to.get(offer.offer_id, ()):
            self._publisher.push(gateway_id, withdrawal(offer.user_id, offer.offer_id))
        if not await self._change(offer, OfferStatus.EXPIRED, now):
            return False
        self.counts["offers_withdrawn"] += 1
        await self._ledger.record_receipt(offer.offer_id, "withdrawn", now, reason)
        return True

    async def _change(self, offer: Offer, status: OfferStatus, now: float) -> bool:
        if not offer.advance(status, now):
            return False
        self._observe(offer, now)
        if not offer.is_open:
            self._drop(offer)
        await self._ledger.save(offer)
        return True

    def _count_undelivered(self, user_id: str) -> None:
        self.counts["offers_undelivered"] += 1
        if self._presence.has_near_miss_id(user_id):
            self.counts["offers_undelivered_id_mismatch"] += 1

    def _add(self, offer: Offer) -> None:
        self._offers.add(offer)
        self._timers.set((OfferTimer.EXPIRE, offer.offer_id), offer.expires_at)

    def _drop(self, offer: Offer) -> None:
        self._offers.remove(offer)
        self._pushed_to.pop(offer.offer_id, None)
        self._sent_to.pop(offer.offer_id, None)
        for timer in (OfferTimer.EXPIRE, OfferTimer.PRESUME_RENDERED, OfferTimer.RETRY_DELIVERY):
            self._timers.set((timer, offer.offer_id), None)


def _without(is_theirs: Callable[[str], bool], is_ours: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda user_id: is_ours(user_id) and not is_theirs(user_id)
