"""Offers on their way to the eye: kept until a browser shows them, sent to whoever listens."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer, OfferStatus
from rasa_autoplay.engine.offers.presence import Presence, by_gateway
from rasa_autoplay.link.messages import FeedFrame, FeedInfo

__all__ = ["IMPLICIT_RENDER_S", "FramePublisher", "OfferObserver", "OpenOffers", "nobody"]

logger = logging.getLogger(__name__)

#: From a front end that sends no receipts: a feed that stayed open this long after the toast has shown it.
IMPLICIT_RENDER_S = 2.0
#: While the database is away, open offers are asked for this often.
_RESTORE_AGAIN_S = 1.0
_TWICE = "the user has another offer"


OfferObserver = Callable[[Offer, float], None]


def nobody(_offer: Offer, _now: float) -> None:
    """The observer where nobody watches."""


class FramePublisher(Protocol):
    """The link's way down."""

    def push(self, gateway_id: str, frame: FeedFrame) -> bool:
        """Hand a frame to a gateway; False when that gateway is not connected."""
        ...


class OpenOffers:
    """The offers that are open now; of one user at most one still waits to be shown.

    Args:
        ledger: where they stand durably.
        presence: who is listening.
        publisher: the way to the gateways.
        timers: wakes ``("expire", offer_id)``, ``("render", offer_id)``, ``("deliver", offer_id)`` and
            ``("restore", None)``.
        observe: is told whenever an offer has come further.
    """

    def __init__(
        self,
        ledger: OfferLedger,
        presence: Presence,
        publisher: FramePublisher,
        timers: Timers,
        observe: OfferObserver = nobody,
    ) -> None:
        self._ledger = ledger
        self._presence = presence
        self._publisher = publisher
        self._timers = timers
        self._observe = observe
        self._by_user: dict[str, Offer] = {}
        self._by_id: dict[str, Offer] = {}
        self._sent_to: dict[str, set[str]] = {}
        #: Users whose open offers could not be read from the database so far.
        self._unread: list[Callable[[str], bool]] = []
        self.counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._by_id)

    async def restore(self, now: float, is_ours: Callable[[str], bool] = lambda _user_id: True) -> None:
        """Take up again what an earlier run of the engine left open, for the users who are ours.

        Where the database is away, ``("restore", None)`` wakes until it could be read.
        """
        found = await self._ledger.open_offers(now)
        if self._ledger.problem:
            self._unread.append(is_ours)
            self._timers.set(("restore", None), now + _RESTORE_AGAIN_S)
        for offer in found:
            if is_ours(offer.user_id) and offer.offer_id not in self._by_id:
                self._keep(offer)

    async def restore_again(self, now: float) -> list[Offer]:
        """Take up what could not be read so far; gives the offers that still wait to be shown.

        A user may have got another offer meanwhile. The one that a browser has is kept, else the earlier one.
        """
        unread, self._unread = self._unread, []
        if not unread:
            return []
        known, newer = set(self._by_id), dict(self._by_user)
        await self.restore(now, lambda user_id: any(is_ours(user_id) for is_ours in unread))
        found = [o for o in self._by_id.values() if o.offer_id not in known and o.awaits_rendering]
        welcome = []
        for offer in found:
            other = newer.get(offer.user_id)
            if other is None or (
                other.status is OfferStatus.QUEUED and await self.withdraw(other, now, _TWICE)
            ):
                self._by_user[offer.user_id] = offer
                welcome.append(offer)
            else:
                await self.withdraw(offer, now, _TWICE)
        return welcome

    def let_go(self, is_theirs: Callable[[str], bool]) -> None:
        """Another engine sees to the offers of these users from now on."""
        self._unread = [_without(is_theirs, is_ours) for is_ours in self._unread]
        for offer in [offer for offer in self._by_id.values() if is_theirs(offer.user_id)]:
            self._drop(offer)

    def of_user(self, user_id: str) -> Offer | None:
        """The user's newest open offer."""
        return self._by_user.get(user_id)

    def is_waiting(self, user_id: str) -> bool:
        """Whether an offer to this user still waits to be shown: then there is no room for another."""
        offer = self._by_user.get(user_id)
        return offer is not None and offer.awaits_rendering

    def get(self, offer_id: str) -> Offer | None:
        """The open offer of that id."""
        return self._by_id.get(offer_id)

    async def post(self, offer: Offer, now: float) -> None:
        """Make a new offer: write it down, then send it to every feed of the user's."""
        self._keep(offer)
        await self._ledger.save(offer)
        feeds = self._presence.feeds_of(offer.user_id)
        self._send(offer, feeds, now)
        logger.info(
            "published: user=%s trigger=%s offer=%s (subscribers=%d)",
            offer.user_id,
            offer.trigger_id,
            offer.offer_id,
            len(feeds),
        )

    def recognise(self, offer: Offer, feed: FeedInfo, now: float) -> bool:
        """Whether a feed that has just opened belongs to a browser that has had the offer."""
        if feed.last_offer_id != offer.offer_id:
            return False
        # It was delivered before a restart, of the engine or of the gateway, which could not say so.
        self.delivered(offer.offer_id, [feed.feed_id], now)
        return True

    def send_again(self, offer: Offer, now: float, feed_id: str = "") -> None:
        """Send a waiting offer to one feed; without a ``feed_id``, to all that have not had it."""
        feeds = self._presence.feeds_of(offer.user_id)
        had = self._sent_to.get(offer.offer_id, ())
        wanted = [feed_id] if feed_id else [each for each in feeds if each not in had]
        self._send(offer, {each: feeds[each] for each in wanted if each in feeds}, now)

    def retry_at(self, offer: Offer, due: float) -> None:
        """Wake ``("deliver", offer_id)`` at ``due``, epoch seconds, unless the offer is over by then."""
        self._timers.set(("deliver", offer.offer_id), due if due < offer.expires_at else None)

    async def take_back(self, offer: Offer, now: float) -> bool:
        """Undo an acceptance that came to nothing; False when there was none."""
        if not offer.take_back(now):
            return False
        if offer.is_open:
            self._keep(offer)
        await self._ledger.save(offer)
        return True

    def _send(self, offer: Offer, feeds: dict[str, str], now: float) -> None:
        data = msgspec.json.encode(offer.toast()).decode()
        for gateway_id, feed_ids in by_gateway(feeds).items():
            left_s = offer.expires_at - now
            frame = FeedFrame(offer.user_id, "proactive", offer.offer_id, data, feed_ids, left_s)
            self._publisher.push(gateway_id, frame)

    def delivered(self, offer_id: str, feed_ids: Iterable[str], now: float) -> None:
        """A gateway has written the offer to these feeds.

        This is written down with what comes next, 2 s later at the latest: it is not worth a transaction of
        its own.
        """
        offer = self._by_id.get(offer_id)
        if offer is None or not offer.awaits_rendering:
            return
        if offer.advance(OfferStatus.SENT, now):
            self._observe(offer, now)
        self._sent_to.setdefault(offer_id, set()).update(feed_ids)
        self._timers.set(("render", offer_id), now + IMPLICIT_RENDER_S)

    async def presume_rendered(self, offer_id: str, now: float) -> Offer | None:
        """Time has passed since the delivery: is the toast on a screen?

        Returns:
            The offer, when it is. None when the receipts have told already; when the pages that have it send
            receipts, and none has come; or when no feed of it is left (then it waits for the next one).
        """
        offer = self._by_id.get(offer_id)
        if offer is None or not offer.awaits_rendering:
            return None
        here = self._presence.open_among(offer.user_id, self._sent_to.get(offer_id, ()))
        if any(not feed.sends_receipts for feed in here):
            return offer
        if here:
            return None
        self._sent_to.pop(offer_id, None)
        await self.advance(offer, OfferStatus.QUEUED, now)
        return None

    async def advance(self, offer: Offer, status: OfferStatus, now: float) -> bool:
        """Move an offer on and write that down; False when it changes nothing."""
        was_waiting = offer.awaits_rendering
        if not await self._move(offer, status, now):
            return False
        if was_waiting and status is OfferStatus.EXPIRED:
            self._count_unheard(offer.user_id)
        return True

    async def withdraw(self, offer: Offer, now: float, reason: str) -> bool:
        """End an offer that nobody has seen, as it is not welcome any more; False when it is too late."""
        if not offer.awaits_rendering or not await self._move(offer, OfferStatus.EXPIRED, now):
            return False
        self.counts["offers_withdrawn"] += 1
        await self._ledger.note(offer.offer_id, "withdrawn", now, reason)
        return True

    async def _move(self, offer: Offer, status: OfferStatus, now: float) -> bool:
        if not offer.advance(status, now):
            return False
        self._observe(offer, now)
        if not offer.is_open:
            self._drop(offer)
        await self._ledger.save(offer)
        return True

    def _count_unheard(self, user_id: str) -> None:
        self.counts["offers_undelivered"] += 1
        if self._presence.has_near_miss_id(user_id):
            self.counts["offers_undelivered_id_mismatch"] += 1

    def _keep(self, offer: Offer) -> None:
        current = self._by_user.get(offer.user_id)
        if current is None or current.created_at <= offer.created_at:
            self._by_user[offer.user_id] = offer
        self._by_id[offer.offer_id] = offer
        self._timers.set(("expire", offer.offer_id), offer.expires_at)

    def _drop(self, offer: Offer) -> None:
        self._by_id.pop(offer.offer_id, None)
        self._sent_to.pop(offer.offer_id, None)
        if self._by_user.get(offer.user_id) is offer:
            del self._by_user[offer.user_id]
        self._timers.set(("expire", offer.offer_id), None)
        self._timers.set(("render", offer.offer_id), None)
        self._timers.set(("deliver", offer.offer_id), None)


def _without(is_theirs: Callable[[str], bool], is_ours: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda user_id: is_ours(user_id) and not is_theirs(user_id)
