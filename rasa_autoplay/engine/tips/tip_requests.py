"""Answers what a user's page asks and changes in "My tips"."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, time

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import EngineCore
from rasa_autoplay.engine.courtesy.user_choices import ChoicesOf, Mute, OwnQuietHours, topic_of
from rasa_autoplay.engine.decisions.gate_reopener import GateReopener
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.decisions.tour_orders import TourOrders
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import FramePublisher, OpenOffers
from rasa_autoplay.engine.offers.presence import Presence, by_gateway
from rasa_autoplay.engine.tips.base import ChoiceStore
from rasa_autoplay.engine.tips.tip_list import TipList, is_live, was_received
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.tip_answers import TIP_CHANGES, TipsFound, TipsOpened, TourRestarted
from rasa_autoplay.link.tip_requests import ChangeTips, FindTips
from rasa_autoplay.settings.limits import find_zone

__all__ = ["TipRequests", "make_tip_requests"]

_LATER = "Try again later. The health of the channel names the database's problem."
_REASON = "the user muted it in My tips"
#: A list that opens long after it was asked for would puzzle the user.
_OPENS_WITHIN_S = 10.0
#: A mute for a time ends within a year.
_LONGEST_S = 366 * 86_400.0


class TipRequests:
    """Lists a user's tips, and changes what the user has chosen.

    Args:
        product_id: the product's id.
        tips: builds the list.
        choices_of: returns what a user has chosen.
        store: stores it.
        ledger: has the user's offers.
        open_offers: the offers as they are now.
        lifecycle: ends offers about muted topics.
        reopener: asks gates again that the user has opened.
        orders: records tours that a user asks for.
        languages: the languages of users.
        presence: the open feeds.
        publisher: sends frames to the gateways.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        tips: TipList,
        choices_of: ChoicesOf,
        store: ChoiceStore,
        ledger: OfferLedger,
        open_offers: OpenOffers,
        lifecycle: OfferLifecycle,
        reopener: GateReopener,
        orders: TourOrders,
        languages: UserLanguages,
        presence: Presence,
        publisher: FramePublisher,
        clock: Callable[[], float],
    ) -> None:
        self._product_id = product_id
        self._tips = tips
        self._choices_of = choices_of
        self._store = store
        self._ledger = ledger
        self._open_offers = open_offers
        self._lifecycle = lifecycle
        self._reopener = reopener
        self._orders = orders
        self._languages = languages
        self._presence = presence
        self._publisher = publisher
        self._clock = clock

    async def find(self, request: FindTips) -> TipsFound:
        """Return the user's tips."""
        return await self._found(request.user_id, request.url)

    async def _found(self, user_id: str, url: str) -> TipsFound:
        choices = await self._choices_of(user_id)
        return TipsFound(
            self._tips.of(await self._offers(user_id), choices, url, self._languages.of(user_id))
        )

    async def _offers(self, user_id: str) -> Sequence[Offer]:
        """The user's offers, newest first; the database may know an older state of those that are open."""
        stored = await self._ledger.history(self._product_id, user_id)
        newest = self._open_offers.answerable_by(user_id)
        is_new = newest is not None and all(offer.offer_id != newest.offer_id for offer in stored)
        offers = [newest, *stored] if newest is not None and is_new else stored
        return [self._open_offers.get(offer.offer_id) or offer for offer in offers]

    async def change(self, request: ChangeTips) -> TipsFound:
        """Change what the user has chosen.

        Raises:
            EngineRefused: there is no such topic, time of day or zone; or the database is not available.
        """
        now = self._clock()
        if not await self._store_change(request, now):
            raise EngineRefused("unavailable", "the change cannot be stored now", _LATER)
        if request.change in ("mute", "mute_all"):
            await self._end_offers(request, now)
        else:
            await self._reopener.reopen(request.user_id, now)
        return await self._found(request.user_id, request.url)

    async def _store_change(self, request: ChangeTips, now: float) -> bool:
        user_id, topic = request.user_id, request.topic
        match request.change:
            case "mute":
                if not self._tips.is_topic(topic):
                    raise EngineRefused("not_found", f"there is no topic {topic[:64]!r}")
                return await self._store.mute(user_id, topic, _mute(request.for_s, now))
            case "mute_all":
                return await self._store.mute(user_id, "", _mute(request.for_s, now))
            case "unmute":
                await self._check_muted(user_id, topic)
                return await self._store.unmute(user_id, topic, now)
            case "unmute_all":
                return await self._store.unmute(user_id, "", now)
            case "quiet_hours":
                return await self._store.set_quiet_hours(user_id, _hours(request), now)
            case "no_quiet_hours":
                return await self._store.set_quiet_hours(user_id, None, now)
        raise EngineRefused("invalid", f"'change' must be one of {', '.join(TIP_CHANGES)}")

    async def _check_muted(self, user_id: str, topic: str) -> None:
        """Refuse topics that are neither known nor muted, so that nobody can fill the database with names."""
        if self._tips.is_topic(topic) or topic in (await self._choices_of(user_id)).muted:
            return
        if any(topic == topic_of(offer) for offer in await self._offers(user_id)):
            return
        raise EngineRefused("not_found", f"there is no topic {topic[:64]!r}")

    async def _end_offers(self, request: ChangeTips, now: float) -> None:
        """Withdraw what still waits; a toast about the topic counts as answered by "Don't show again"."""
        for offer in [each for each in await self._offers(request.user_id) if is_live(each, now)]:
            if request.change == "mute" and topic_of(offer) != request.topic:
                continue
            if offer.awaits_rendering:
                await self._lifecycle.withdraw(offer, _REASON, now)
            elif request.change == "mute" and was_received(offer):
                await self._lifecycle.receipt(offer.offer_id, "never", now, request.user_id)

    async def open_list(self, user_id: str) -> TipsOpened:
        """Ask the user's pages to open the list; the one that the user looks at does."""
        feeds = self._presence.feeds_of(user_id)
        for gateway_id, feed_ids in by_gateway(feeds).items():
            # Without an SSE id, so that the feed's Last-Event-ID stays that of the last offer.
            frame = FeedFrame(user_id, "tips", "", "{}", feed_ids, _OPENS_WITHIN_S)
            self._publisher.push(gateway_id, frame)
        return TipsOpened(bool(feeds))

    async def restart_tour(self, user_id: str, tour_id: str) -> TourRestarted:
        """Record that the user asks for a tour again.

        Raises:
            EngineRefused: there is no such tour, or a suspect step withholds it.
        """
        offer = await self._orders.ask_for(self._product_id, user_id, tour_id, self._clock())
        if offer is None:
            raise EngineRefused("not_found", f"the tour {tour_id[:64]!r} cannot be started")
        return TourRestarted(offer.toast())


def _mute(for_s: float, now: float) -> Mute:
    if not 0 <= for_s <= _LONGEST_S:
        raise EngineRefused("invalid", "'for_s' must be between 0 and a year, in seconds")
    return Mute(now, now + for_s if for_s else math.inf)


def _hours(request: ChangeTips) -> OwnQuietHours:
    begins, ends = _clock_time(request.begins), _clock_time(request.ends)
    if begins is None or ends is None or begins == ends:
        raise EngineRefused("invalid", "'from' and 'to' must be two different times of day, such as 22:00")
    if find_zone(request.zone) is None:
        raise EngineRefused("invalid", "'zone' must be an IANA name, such as Europe/Berlin")
    return OwnQuietHours(begins, ends, request.zone)


def _clock_time(text: str) -> time | None:
    try:
        return datetime.strptime(text, "%H:%M").time() if len(text) == 5 else None
    except ValueError:
        return None


def make_tip_requests(configuration: Configuration, core: EngineCore, store: ChoiceStore) -> TipRequests:
    """Assemble the answers of one version of the files.

    Args:
        configuration: the version.
        core: the parts that make its decisions.
        store: stores what users have chosen.
    """
    live, product_id = core.live, configuration.settings.product_id
    return TipRequests(
        product_id,
        TipList(configuration, live.suspects, live.clock),
        live.choices_of,
        store,
        live.ledger,
        live.open_offers,
        core.lifecycle,
        GateReopener(product_id, core.sessions, core.driver.evaluate),
        core.tour_orders,
        live.languages,
        live.presence,
        live.publisher,
        live.clock,
    )
