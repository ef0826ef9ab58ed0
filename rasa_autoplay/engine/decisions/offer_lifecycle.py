"""What the user does with us: toasts, tours, chat. Each of them tells the FSM, so that nothing interrupts."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from rasa_autoplay.engine.courtesy.gate_result import GateResult
from rasa_autoplay.engine.courtesy.gates import MOVED_ON
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer, OfferedTour, OfferStatus
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.state import AgentStateV2
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.link.messages import FeedInfo
from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["OfferLifecycle"]

logger = logging.getLogger(__name__)

Reevaluate = Callable[[Session, float], Awaitable[None]]
ToursFor = Callable[[Offer, "Session | None"], list[OfferedTour]]
LateStop = Callable[[Offer, "Session | None", float], Awaitable["GateResult | None"]]


class OfferLifecycle:
    """Brings what a browser reports to the offer and to the session.

    Routes carry a user only: the session meant is the user's most recently active one.

    Args:
        settings: ``autoplay.yml``.
        sessions: what is remembered of live sessions.
        outbox: the open offers.
        ledger: all offers, and the receipts.
        tours: the tours that can be started.
        reevaluate: the driver's look at a session whose state has changed.
        late_stop: the driver's word on an offer whose delivery is late.
        tours_for: the driver's choice of tours for an offer in a session.
    """

    def __init__(
        self,
        settings: EngineSettings,
        sessions: SessionStore,
        outbox: OpenOffers,
        ledger: OfferLedger,
        tours: TourCatalogue,
        reevaluate: Reevaluate,
        late_stop: LateStop,
        tours_for: ToursFor,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._outbox = outbox
        self._ledger = ledger
        self._timed_tours = tours.registry(settings.product_id, settings.session)
        self._reevaluate = reevaluate
        self._late_stop = late_stop
        self._tours_for = tours_for
        self._late_deliveries: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()

    async def live_session(self, key: SessionKey, now: float) -> Session | None:
        """The session of that key, if it lives, its FSM brought up to now."""
        session = await self._sessions.find(key)
        if session is not None:
            session.tick(self._timed_tours, now)
        return session

    async def latest_session(self, user_id: str, now: float) -> Session | None:
        """The user's most recently active session, its FSM brought up to now."""
        session = await self._sessions.latest_of(self._settings.product_id, user_id)
        if session is not None:
            session.tick(self._timed_tours, now)
        return session

    async def feed_opened(self, feed: FeedInfo, now: float) -> None:
        """A tab listens: a waiting offer goes there, if this is still the moment."""
        offer = self._outbox.of_user(feed.user_id)
        if offer is None or not offer.awaits_rendering or self._outbox.recognise(offer, feed, now):
            return
        self._deliver_soon(offer, now, feed.feed_id)

    async def deliver(self, offer_id: str, now: float) -> None:
        """The time has come to try a late delivery again."""
        offer = self._outbox.get(offer_id)
        if offer is not None and offer.awaits_rendering:
            self._deliver_soon(offer, now)

    def _deliver_soon(self, offer: Offer, now: float, feed_id: str = "") -> None:
        """Deliver beside what comes next: an async trigger, and the database, may take their time."""
        delivery = asyncio.get_running_loop().create_task(self._deliver(offer, now, feed_id))
        self._late_deliveries.add(delivery)
        delivery.add_done_callback(self._late_deliveries.discard)

    async def settle(self) -> None:
        """Wait for the late deliveries that are under way."""
        while self._late_deliveries:
            await asyncio.gather(*self._late_deliveries, return_exceptions=True)

    async def _deliver(self, offer: Offer, now: float, feed_id: str) -> None:
        """Ask the trigger and courtesy again about an offer that has waited for a listener.

        It goes out with the tours of the page that the user is on now.
        """
        try:
            session = await self.latest_session(offer.user_id, now)
            stop = await self._late_stop(offer, session, now)
        except Exception:
            logger.exception("The late delivery of offer %s failed.", offer.offer_id)
            return
        if self._outbox.get(offer.offer_id) is not offer or not offer.awaits_rendering:
            return
        if stop is not None and stop.gate == MOVED_ON:
            await self._withdraw(offer, stop.detail, now)
        elif stop is not None:
            self.counts[f"late_delivery_held_by_{stop.gate}"] += 1
            self._outbox.retry_at(offer, stop.until)
        else:
            offer.tours = self._tours_for(offer, session)
            self._outbox.send_again(offer, now, feed_id)

    async def _withdraw(self, offer: Offer, reason: str, now: float) -> None:
        """The user has moved on: the offer ends, nothing is charged, and there is room for another one."""
        if not await self._outbox.withdraw(offer, now, reason):
            return
        logger.info(
            "withdrawn: user=%s trigger=%s offer=%s (%s)",
            offer.user_id,
            offer.trigger_id,
            offer.offer_id,
            reason,
        )
        session = await self.latest_session(offer.user_id, now)
        if session is not None:
            await self._reevaluate(session, now)

    async def receipt(self, offer_id: str, event: str, now: float, user_id: str = "") -> bool:
        """A browser reports what became of a toast.

        Args:
            offer_id: which offer.
            event: one of :data:`~rasa_autoplay.link.messages.RECEIPT_EVENTS`.
            now: epoch seconds.
            user_id: who reports; empty when the report names nobody.

        Returns:
            False when there is no such offer to that user.
        """
        offer = self._outbox.get(offer_id) or await self._ledger.get(offer_id)
        if offer is None or user_id not in ("", offer.user_id):
            self.counts["receipts_for_unknown_offers"] += 1
            return False
        await self._ledger.note(offer_id, event, now)
        await self.advance(offer, OfferStatus(event), now)
        return True

    async def advance(self, offer: Offer, status: OfferStatus, now: float) -> None:
        """Move an offer on; when this shows that it was rendered, the session becomes PROACTIVE."""
        was_waiting = offer.awaits_rendering
        if not await self._outbox.advance(offer, status, now):
            return
        session = await self._sessions.find((offer.product_id, offer.session_id))
        if session is None:
            return
        if was_waiting and not offer.awaits_rendering and status is not OfferStatus.EXPIRED:
            session.tick(self._timed_tours, now)
            session.to_proactive(offer.trigger_id, offer.interaction_timeout_s, offer.cooldown_s, now)
        if status is OfferStatus.ACCEPTED:
            self._to_reactive(session, now)
        if not offer.is_open and status is not OfferStatus.EXPIRED:
            session.state.record_option_click(now=now)
        if status is OfferStatus.EXPIRED:
            # Time has done that, not the user: it makes no session the latest, and keeps none alive.
            await self._reevaluate(session, now)
        else:
            await self._changed(session, now)

    async def accepted(self, user_id: str, offer: Offer | None, now: float) -> Session | None:
        """The user wants the help: by that offer, or on their own.

        A session that has timed out in the meantime becomes REACTIVE: the user is asking.
        """
        if offer is not None:
            await self.advance(offer, OfferStatus.ACCEPTED, now)
        session = await self.latest_session(user_id, now)
        if session is not None:
            self._to_reactive(session, now)
            await self._changed(session, now)
        return session

    async def helped_on_request(self, session: Session, now: float) -> None:
        """Help that was ordered goes to this session: it becomes REACTIVE, or its timer restarts."""
        self._to_reactive(session, now)
        await self._changed(session, now)

    async def help_failed(self, offer_id: str, now: float) -> None:
        """Bubble 1 did not arrive: a yes that came to nothing must not end the trigger for this user."""
        offer = self._outbox.get(offer_id) or await self._ledger.get(offer_id)
        if offer is not None and await self._outbox.take_back(offer, now):
            self.counts["chat_open_failed"] += 1

    def _to_reactive(self, session: Session, now: float) -> None:
        state = session.state
        if state.current_state is AgentStateV2.THINKING:
            state.interaction_timeout_s = self._settings.session.interaction_timeout
            state.cooldown_period_s = self._settings.session.cooldown
            state.transition_to_reactive(now=now)
        else:
            state.record_user_interaction(now=now)

    async def chat_message(self, user_id: str, now: float) -> None:
        """The user wrote in the chat: from THINKING the session becomes REACTIVE, else its timer restarts."""
        session = await self.latest_session(user_id, now)
        if session is None:
            self.counts["chat_without_session"] += 1
            return
        self._to_reactive(session, now)
        await self._changed(session, now)

    async def tour_started(self, user_id: str, tour: OfferedTour, now: float) -> None:
        """The user chose "Show me"."""
        offer = self._outbox.of_user(user_id)
        offer = offer if offer is not None and any(t.id == tour.id for t in offer.tours) else None
        session = await self.accepted(user_id, offer, now)
        if session is not None:
            session.state.set_visual_guidance(True, tour.id, now=now)
            await self._changed(session, now)
        logger.info("tour started: user=%s tour=%s", user_id, tour.id)

    async def tour_stepped(self, user_id: str, now: float) -> bool:
        """The tour went on; False when the user has no live session."""
        session = await self.latest_session(user_id, now)
        if session is None:
            return False
        self._to_reactive(session, now)
        session.state.record_tour_step(now=now)
        await self._changed(session, now)
        return True

    async def tour_ended(self, user_id: str, now: float) -> bool:
        """The tour was finished or left; False when the user has no live session."""
        session = await self.latest_session(user_id, now)
        if session is None:
            return False
        if session.state.current_state is not AgentStateV2.THINKING:
            session.state.set_visual_guidance(False, now=now)
            session.state.record_any_interaction(now=now)
        await self._changed(session, now)
        return True

    async def _changed(self, session: Session, now: float) -> None:
        await self._sessions.save(session, now)
        await self._reevaluate(session, now)
