"""Starts tours that an upstream service orders for a session, or that a user asks for in the chat."""

from __future__ import annotations

import logging
from collections import Counter

import msgspec

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.courtesy.user_choices import ChoicesOf, no_choices, path_topic
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.freshness.offered_tours import OfferedTours
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import ASKED_FOR, ORDERED, Offer, new_offer_id
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.offers.offer_texts import OfferTexts
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.offers.open_offers import FramePublisher
from rasa_autoplay.engine.offers.page_groups import FeedLanguages
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.events.models import UsertourTrigger
from rasa_autoplay.link.frames import FeedFrame

__all__ = ["FollowedOrders", "TourOrders"]

logger = logging.getLogger(__name__)

#: A tour that starts long after it was ordered would puzzle the user. Offers wait this long by default, too.
MAX_AGE_S = 120.0

#: The orders that were followed: product, session, flow and the time of each.
FollowedOrders = BoundedDict[tuple[str, str, str, float], None]


class TourOrders:
    """Sends an ordered tour to the user's feeds, where a browser starts it if the page has its elements.

    The same flow is started once per session, unless the upstream service sends it with a new time.

    Args:
        lifecycle: finds sessions and moves their FSM.
        tours: the tours that can be started.
        offered: the tours that may be offered.
        ledger: stores the order as an accepted offer, so that the chat can continue if the tour fails.
        presence: the open feeds.
        publisher: sends frames to the gateways.
        followed: the orders that were followed before.
        counts: this part adds ``tours_ordered``, and ``tour_orders_<reason>`` for orders that were not
            followed.
        languages: the languages of users.
        choices_of: knows what users have muted.
    """

    def __init__(
        self,
        lifecycle: OfferLifecycle,
        tours: TourCatalogue,
        offered: OfferedTours,
        ledger: OfferLedger,
        presence: Presence,
        publisher: FramePublisher,
        followed: FollowedOrders,
        counts: Counter[str],
        languages: UserLanguages,
        choices_of: ChoicesOf = no_choices,
    ) -> None:
        self._lifecycle = lifecycle
        self._tours = tours
        self._offered = offered
        self._ledger = ledger
        self._presence = presence
        self._publisher = publisher
        self._followed = followed
        self.counts = counts
        self._languages = languages
        self._pages = FeedLanguages(presence, languages)
        self._choices_of = choices_of

    async def follow(self, order: UsertourTrigger, now: float) -> None:
        """Start the tour, or count why it cannot start.

        Args:
            order: the gateway has checked that it has a product and a session.
            now: epoch seconds.
        """
        session = await self._lifecycle.live_session((order.product_id, order.session_id or ""), now)
        user_id = (session.user_id if session else None) or order.user_id or ""
        tour = self._tours.resolve(order.flow_id)
        refusal = self._refusal(order, session, user_id, tour, now) or await self._muted(user_id, tour, now)
        if refusal or tour is None:
            self.counts[f"tour_orders_{refusal}"] += 1
            logger.info(
                "tour not started (%s): session=%s flow=%r", refusal, order.session_id, order.flow_id[:64]
            )
            return
        self._followed[_key(order)] = None
        session = session or await self._lifecycle.latest_session(user_id, now)
        if session is not None:
            await self._lifecycle.helped_on_request(session, now)
        self.counts["tours_ordered"] += 1
        offer = self._offer(order, user_id, tour, session.window.page() if session else "", now)
        await self._ledger.save(offer)
        self._send(offer, now)

    async def show(self, product_id: str, user_id: str, tour_id: str, now: float) -> str:
        """Start a tour that the user asks for in the chat, also if another one seems to be running.

        Args:
            product_id: the product.
            user_id: the user.
            tour_id: the tour's id.
            now: epoch seconds.

        Returns:
            The reason if it cannot start: ``for_unknown_tours``, ``withheld``, ``with_nobody_here`` or
            ``on_another_page``.
        """
        tour = self._tours.resolve(tour_id)
        session = await self._lifecycle.latest_session(user_id, now)
        page = session.window.page() if session else ""
        if tour is None:
            return "for_unknown_tours"
        if self._offered.why_withheld(tour.id):
            return "withheld"
        if not self._presence.feeds_of(user_id):
            return "with_nobody_here"
        if page and not self._tours.for_page({tour.id: ""}, page):
            return "on_another_page"
        offer = await self._record_asked_for(product_id, user_id, tour, session, now)
        if session is not None:
            await self._lifecycle.helped_on_request(session, now)
        self._send(offer, now, from_chat=True)
        return ""

    async def ask_for(self, product_id: str, user_id: str, tour_id: str, now: float) -> Offer | None:
        """Record that the user asks for a tour on the page, whose script starts it.

        Args:
            product_id: the product.
            user_id: the user.
            tour_id: the tour's id.
            now: epoch seconds.

        Returns:
            The record to start the tour with; None if there is no such tour, or if it is withheld.
        """
        tour = self._tours.resolve(tour_id)
        if tour is None or self._offered.why_withheld(tour.id):
            return None
        session = await self._lifecycle.latest_session(user_id, now)
        return await self._record_asked_for(product_id, user_id, tour, session, now)

    async def _record_asked_for(
        self, product_id: str, user_id: str, tour: OfferedTour, session: Session | None, now: float
    ) -> Offer:
        order = UsertourTrigger(tour.flow_id, session.key[1] if session else "", product_id=product_id)
        offer = self._offer(order, user_id, tour, session.window.page() if session else "", now)
        offer.trigger_id = ASKED_FOR
        # What a user asks for is not charged as help that nobody asked for.
        offer.rendered_at = 0.0
        self.counts["tours_asked_for"] += 1
        await self._ledger.save(offer)
        return offer

    def _refusal(
        self,
        order: UsertourTrigger,
        session: Session | None,
        user_id: str,
        tour: OfferedTour | None,
        now: float,
    ) -> str:
        if tour is None:
            return "for_unknown_tours"
        if self._offered.why_withheld(tour.id):
            return "withheld"
        if _key(order) in self._followed:
            return "repeated"
        if order.forwarded_at and order.forwarded_at < now - MAX_AGE_S:
            return "too_late"
        if order.user_id and order.user_id != user_id:
            return "for_another_user"
        if not self._presence.feeds_of(user_id):
            return "with_nobody_here"
        return "during_a_tour" if session and session.is_touring else ""

    async def _muted(self, user_id: str, tour: OfferedTour | None, now: float) -> str:
        """A tour that starts by itself is what a user who has muted it wants least."""
        choices = await self._choices_of(user_id)
        mutes = choices.everything, choices.muted.get(path_topic(tour.id)) if tour else None
        return "muted" if any(mute and mute.until > now for mute in mutes) else ""

    def _offer(self, order: UsertourTrigger, user_id: str, tour: OfferedTour, page: str, now: float) -> Offer:
        offer = Offer(
            offer_id=new_offer_id(),
            trigger_id=ORDERED,
            body="",
            product_id=order.product_id,
            session_id=order.session_id or "",
            user_id=user_id,
            created_at=now,
            expires_at=now + MAX_AGE_S,
            evidence_until=now,
            golden_path=tour.id,
            page=page,
        )
        offer.say(OfferTexts(tour.title, [], [tour]), self._languages.of(user_id))
        offer.advance(OfferStatus.ACCEPTED, now)
        return offer

    def _send(self, offer: Offer, now: float, **more: bool) -> None:
        # The frame has no SSE id, so the feed's Last-Event-ID remains that of the last offer.
        feeds = self._presence.feeds_of(offer.user_id)
        left_s = offer.expires_at - now
        for gateway_id, languages, feed_ids in self._pages.groups(offer.user_id, feeds):
            offer.say_in(languages)
            data = msgspec.json.encode({**offer.toast(), "ordered": True, **more}).decode()
            self._publisher.push(gateway_id, FeedFrame(offer.user_id, "tour", "", data, feed_ids, left_s))
        logger.info(
            "tour ordered: session=%s user=%s tour=%s (subscribers=%d)",
            offer.session_id,
            offer.user_id,
            offer.golden_path,
            len(feeds),
        )


def _key(order: UsertourTrigger) -> tuple[str, str, str, float]:
    return (order.product_id, order.session_id or "", order.flow_id, order.forwarded_at)
