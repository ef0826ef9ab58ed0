"""Follows each offer through its life; toasts, tours and the chat move the session's state machine (FSM)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import REQUESTED_TRIGGERS, Offer
from rasa_autoplay.engine.offers.offer_status import ANSWERS, OfferStatus
from rasa_autoplay.engine.offers.offer_watch import OfferWatch
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.session_observer import SessionObserver
from rasa_autoplay.engine.sessions.state import AgentStateV2, ToursById
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.tours.running import RunningTour, RunningTours
from rasa_autoplay.engine.tracing.traces import join_offer
from rasa_autoplay.link.messages import ChatDelivery
from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["OfferLifecycle", "SessionChanged"]

logger = logging.getLogger(__name__)

#: What the offer's record says about each of ``TOUR_OUTCOMES``.
_TOUR_RECEIPTS = {
    "finished": "tour_finished",
    "left": "tour_left",
    "missing": "tour_missing",
    "elsewhere": "tour_elsewhere",
}
#: The outcomes by which a user has given a tour up.
GIVEN_UP = frozenset({"left", "elsewhere"})


class SessionChanged(Protocol):
    """Callback for a session whose state has changed because of an offer, a tour or the chat."""

    async def __call__(self, session: Session, now: float) -> None:
        """React to a changed session; ``now`` is in epoch seconds."""


class OfferLifecycle:
    """Applies reports from browsers and gateways, and timeouts, to offers and sessions.

    Routes name only a user: they mean the user's most recently active session.

    Args:
        settings: ``autoplay.yml``.
        sessions: the live sessions.
        open_offers: the open offers.
        ledger: all offers, and the receipts.
        tours: the golden paths of tours.
        timed_tours: the tours with their own timeout or cooldown.
        running_tours: follows tours while they run.
        observer: sees chat messages, tours and requests for help.
        watch: sees receipts and acceptances.
        counts: this part adds ``receipts``, ``receipts_for_unknown_offers``, ``chat_messages``,
            ``chat_without_session``, ``chat_open_failed``, ``bubbles_<fate>``, ``tours_started`` and
            ``tours_<outcome>``.
        on_session_changed: called after each change to a session.
    """

    def __init__(
        self,
        settings: EngineSettings,
        sessions: SessionStore,
        open_offers: OpenOffers,
        ledger: OfferLedger,
        tours: TourCatalogue,
        timed_tours: ToursById,
        running_tours: RunningTours,
        observer: SessionObserver,
        watch: OfferWatch,
        counts: Counter[str],
        on_session_changed: SessionChanged,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._open_offers = open_offers
        self._ledger = ledger
        self._tours = tours
        self._timed_tours = timed_tours
        self._running_tours = running_tours
        self._observer = observer
        self._watch = watch
        self._on_session_changed = on_session_changed
        self.counts = counts

    async def live_session(self, key: SessionKey, now: float) -> Session | None:
        """Return the live session with that key, its FSM brought up to date; None if there is none."""
        session = await self._sessions.find(key)
        if session is not None:
            session.tick(self._timed_tours, now)
        return session

    async def latest_session(self, user_id: str, now: float) -> Session | None:
        """Return the user's most recently active session, its FSM brought up to date, or None."""
        session = await self._sessions.latest_of(self._settings.product_id, user_id)
        if session is not None:
            session.tick(self._timed_tours, now)
        return session

    def record_delivery(self, offer_id: str, feed_ids: Sequence[str], now: float) -> None:
        """Record that a gateway has written an offer to these feeds."""
        self._open_offers.delivered(offer_id, feed_ids, now)

    async def presume_rendered(self, offer_id: str, now: float) -> None:
        """Count an offer as rendered if its feed has stayed open and no receipt has come."""
        offer = await self._open_offers.presume_rendered(offer_id, now)
        if offer is not None:
            await self.advance(offer, OfferStatus.RENDERED, now)

    async def expire(self, offer_id: str, now: float) -> None:
        """Expire an open offer."""
        offer = self._open_offers.get(offer_id)
        if offer is not None:
            await self.advance(offer, OfferStatus.EXPIRED, now)

    async def withdraw(self, offer: Offer, reason: str, now: float) -> None:
        """End an offer whose user has moved on: it counts towards no cap, and another offer can be made."""
        if not await self._open_offers.withdraw(offer, now, reason):
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
            await self._on_session_changed(session, now)

    async def receipt(
        self, offer_id: str, event: str, now: float, user_id: str = "", button: str = ""
    ) -> bool:
        """Record what a browser reports about a toast.

        Args:
            offer_id: the offer's id.
            event: one of :data:`~rasa_autoplay.link.messages.RECEIPT_EVENTS`.
            now: epoch seconds.
            user_id: the reporting user; empty if the report names none.
            button: the button with which the user accepted; empty for other events, or if it is unknown.

        Returns:
            False if that user has no such offer.
        """
        offer = self._open_offers.get(offer_id) or await self._ledger.get(offer_id)
        if offer is None or offer.is_withheld or user_id not in ("", offer.user_id):
            self.counts["receipts_for_unknown_offers"] += 1
            return False
        self.counts["receipts"] += 1
        await self._ledger.record_receipt(offer_id, event, now, button if event == "accepted" else "")
        self._watch.receipt(offer, event)
        await self._advance_by(button, offer, OfferStatus(event), now)
        return True

    async def _advance_by(self, button: str, offer: Offer, status: OfferStatus, now: float) -> None:
        """Change an offer's status, and tell the watch if it has become accepted."""
        was_accepted = offer.status is OfferStatus.ACCEPTED
        await self.advance(offer, status, now)
        if offer.status is OfferStatus.ACCEPTED and not was_accepted:
            self._watch.accepted(offer, button)

    async def advance(self, offer: Offer, status: OfferStatus, now: float) -> None:
        """Change an offer's status; its session becomes PROACTIVE once the offer is rendered."""
        was_waiting = offer.awaits_rendering
        if not await self._open_offers.advance(offer, status, now):
            return
        session = await self._sessions.find((offer.product_id, offer.session_id))
        if session is None:
            return
        is_shown_now = was_waiting and not offer.awaits_rendering and status is not OfferStatus.EXPIRED
        if is_shown_now:
            session.tick(self._timed_tours, now)
            session.to_proactive(offer.trigger_id, offer.interaction_timeout_s, offer.cooldown_s, now)
        if status is OfferStatus.ACCEPTED:
            self._to_reactive(session, now)
        if not offer.is_open and status is not OfferStatus.EXPIRED:
            session.state.record_option_click(now=now)
        if is_shown_now or status in ANSWERS:
            await self._changed(session, now)
        elif status is OfferStatus.EXPIRED:
            # The user did nothing, so the session's last activity stays the same.
            await self._on_session_changed(session, now)

    async def accepted(
        self, user_id: str, offer: Offer | None, now: float, button: str = ""
    ) -> Session | None:
        """Record that the user asked for help, by accepting an offer or without one.

        A session that has timed out in the meantime becomes REACTIVE, because the user is asking.

        Args:
            user_id: the user.
            offer: the offer; None if there is none.
            now: epoch seconds.
            button: the button that the user pressed; empty if it is unknown.
        """
        if offer is not None:
            join_offer(offer.offer_id)
            await self._advance_by(button, offer, OfferStatus.ACCEPTED, now)
            if offer.status is OfferStatus.ACCEPTED and offer.trigger_id not in REQUESTED_TRIGGERS:
                await self._ledger.record_receipt(offer.offer_id, "accepted", now, button)
        session = await self.latest_session(user_id, now)
        if session is not None:
            await self.helped_on_request(session, now)
        return session

    async def helped_on_request(self, session: Session, now: float) -> None:
        """Record that the user gets requested help: the session becomes REACTIVE, or its timer restarts."""
        self._observer.happened(session, "helped", now)
        self._to_reactive(session, now)
        await self._changed(session, now)

    async def record_chat_delivery(self, report: ChatDelivery, now: float) -> None:
        """Record whether a bubble was delivered; if the first one failed, undo the acceptance.

        Otherwise a yes that brought no help would silence the trigger for this user.
        """
        bubble = {1: "question", 2: "follow-up"}.get(report.bubble, "bubble")
        fate = "injected" if report.fate == "delivered" else report.fate
        reason = f" ({report.detail})" if report.detail else ""
        logger.info("%s %s: sender=%s offer=%s%s", bubble, fate, report.sender_id, report.offer_id, reason)
        await self._ledger.record_receipt(
            report.offer_id, f"bubble_{report.bubble}_{report.fate}", now, report.detail
        )
        self.counts[f"bubbles_{report.fate}"] += 1
        if report.bubble == 1 and report.fate == "failed":
            self.counts["chat_open_failed"] += await self._undo_acceptance(report.offer_id, now)

    def _to_reactive(self, session: Session, now: float) -> None:
        state = session.state
        if state.current_state is AgentStateV2.THINKING:
            state.interaction_timeout_s = self._settings.session.interaction_timeout
            state.cooldown_period_s = self._settings.session.cooldown
            state.transition_to_reactive(now=now)
        else:
            state.record_user_interaction(now=now)

    async def chat_message(self, user_id: str, now: float) -> None:
        """Record a chat message from the user: the session becomes REACTIVE, or its timer restarts."""
        session = await self.latest_session(user_id, now)
        if session is None:
            self.counts["chat_without_session"] += 1
            return
        self.counts["chat_messages"] += 1
        self._observer.happened(session, "chat_message", now)
        self._to_reactive(session, now)
        await self._changed(session, now)

    async def tour_started(
        self, user_id: str, tour: OfferedTour, now: float, offer_id: str = ""
    ) -> list[str]:
        """Record that the user has started a tour.

        Args:
            user_id: the user.
            tour: the tour.
            now: epoch seconds.
            offer_id: the offer that it came with; empty for the user's open offer.

        Returns:
            Ids of the steps that the user has done already.
        """
        offer = self._open_offers.answerable_by(user_id)
        if offer is None or not _has_tour(offer, tour):
            offer = await self._ledger.get(offer_id) if offer_id else None
        if offer is not None and not (offer.user_id == user_id and _has_tour(offer, tour)):
            offer = None
        if offer is not None and offer.is_withheld:
            offer = None
        session = await self.accepted(user_id, offer, now, "show_me")
        if session is not None:
            given_id = offer.offer_id if offer else ""
            self._observer.happened(session, "tour_started", now, tour_id=tour.id, offer_id=given_id)
            session.state.set_visual_guidance(True, tour.id, now=now)
            await self._changed(session, now)
        self.counts["tours_started"] += 1
        logger.info("tour started: user=%s tour=%s", user_id, tour.id)
        path = self._tours.path(tour.id)
        if path is None:
            return []
        return self._running_tours.start(user_id, path, offer.offer_id if offer else "", session, now)

    async def tour_stepped(self, user_id: str, now: float, step: str = "") -> bool:
        """Record the next step of a tour; False when the user has no live session."""
        join_offer(self._running_tours.report_step(user_id, step, now))
        session = await self.latest_session(user_id, now)
        if session is None:
            return False
        self._observer.happened(session, "tour_step", now, step=step)
        self._to_reactive(session, now)
        session.state.record_tour_step(now=now)
        await self._changed(session, now)
        return True

    async def tour_ended(self, user_id: str, now: float, outcome: str = "", step: str = "") -> bool:
        """Record the end of a tour.

        Args:
            user_id: the user.
            now: epoch seconds.
            outcome: one of ``TOUR_OUTCOMES``; empty when the page does not know it.
            step: id of the step that was shown last; empty for the one that was reported last.

        Returns:
            False when the user has no live session.
        """
        tour = self._running_tours.end(user_id)
        if tour is not None and outcome:
            await self._record_outcome(tour, outcome, step or tour.step, now)
        session = await self.latest_session(user_id, now)
        if session is None:
            return False
        self._observer.happened(session, "tour_ended", now, outcome=outcome, step=step)
        if session.state.current_state is not AgentStateV2.THINKING:
            session.state.set_visual_guidance(False, now=now)
            session.state.record_any_interaction(now=now)
        await self._changed(session, now)
        return True

    async def _record_outcome(self, tour: RunningTour, outcome: str, step: str, now: float) -> None:
        """Store how a tour ended. A tour that was given up was no yes: the user got nothing from it."""
        logger.info("tour ended: tour=%s offer=%s (%s at %s)", tour.path.id, tour.offer_id, outcome, step)
        self.counts[f"tours_{outcome}"] += 1
        if not tour.offer_id:
            return
        join_offer(tour.offer_id)
        await self._ledger.record_receipt(tour.offer_id, _TOUR_RECEIPTS[outcome], now, step)
        if outcome in GIVEN_UP:
            await self._undo_acceptance(tour.offer_id, now)

    async def _undo_acceptance(self, offer_id: str, now: float) -> bool:
        offer = self._open_offers.get(offer_id) or await self._ledger.get(offer_id)
        return offer is not None and await self._open_offers.undo_acceptance(offer, now)

    async def _changed(self, session: Session, now: float) -> None:
        await self._sessions.save(session, now)
        await self._on_session_changed(session, now)


def _has_tour(offer: Offer, tour: OfferedTour) -> bool:
    return any(each.id == tour.id for each in offer.tours)
