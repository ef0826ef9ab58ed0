"""Decides whether a fired trigger becomes an offer: checks evidence, gates, and the model's veto."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.gate_contract import GateResult
from rasa_autoplay.engine.courtesy.gates import BOUNDARY_GATE, check_pause, first_stop
from rasa_autoplay.engine.courtesy.judge_contract import Judge
from rasa_autoplay.engine.decisions.decision_log import Decision, Observer, Outcome
from rasa_autoplay.engine.decisions.fire_records import FROM_EVIDENCE, FireRecords, gate_of
from rasa_autoplay.engine.decisions.tour_choice import TourChoice
from rasa_autoplay.engine.decisions.trigger_asker import FiredTrigger
from rasa_autoplay.engine.goals.open_goals import OpenGoals
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer, new_offer_id, reply_options
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.offers.offer_texts import OfferTexts
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.rollout.allocation import allocate, why_withheld
from rasa_autoplay.engine.rollout.exploration import Exploration, why_opened
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.tracing.traces import offering
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.settings.rollout import HoldoutSettings

__all__ = ["OfferDecider"]

logger = logging.getLogger(__name__)

#: The model sees only the user's last actions.
_JUDGED_ACTIONS = 8


class OfferDecider:
    """Makes an offer for a fired trigger, or records the gate that stops it.

    Args:
        gate_contexts: builds what the gates check.
        ledger: has the user's earlier offers.
        open_offers: posts new offers.
        goals: follows what users reach after decisions.
        tour_choice: chooses the tours that an offer can start.
        judge: may veto or shorten an offer; None if not configured.
        holdout: users who never get an offer; None for no holdout.
        exploration: decides by chance about closed gates.
        clock: epoch seconds.
        observe: called with every decision.
        counts: the decider adds ``offers``, ``offers_withheld``, ``gates_kept_closed``, and ``held_by_…`` for
            each gate.
        languages: the languages of users.
    """

    def __init__(
        self,
        gate_contexts: GateContextBuilder,
        ledger: OfferLedger,
        open_offers: OpenOffers,
        goals: OpenGoals,
        tour_choice: TourChoice,
        judge: Judge | None,
        holdout: HoldoutSettings | None,
        exploration: Exploration,
        clock: Callable[[], float],
        observe: Observer,
        counts: Counter[str],
        languages: UserLanguages,
    ) -> None:
        self._gate_contexts = gate_contexts
        self._ledger = ledger
        self._open_offers = open_offers
        self._goals = goals
        self._tour_choice = tour_choice
        self._judge = judge
        self._holdout = holdout
        self._exploration = exploration
        self._clock = clock
        self._observe = observe
        self._counts = counts
        self._languages = languages

    async def decide(self, session: Session, fired: FiredTrigger, now: float) -> None:
        """Check the gates, then make the offer or record the gate that stops it."""
        await self.decide_on(self.propose(session, fired, now), fired.trigger, session, FROM_EVIDENCE, now)

    async def decide_on(
        self, offer: Offer, trigger: ConfiguredTrigger, session: Session, records: FireRecords, now: float
    ) -> Decision | None:
        """Check the gates, then make the offer or record the gate that stops it.

        Args:
            offer: the proposed offer.
            trigger: its trigger, in the variant that the user gets.
            session: the user's session.
            records: records what becomes of it in the session.
            now: epoch seconds.

        Returns:
            The decision; None if the evidence was used before, the user has changed, or another offer to the
            user was made meanwhile.
        """
        records.began(session, offer)
        self._report("fired", offer, now)
        pause = check_pause(self._gate_contexts.pause_of(offer.trigger_id), now)
        if pause.stops:
            # Asked before the others, because the database may be the reason for the pause.
            return self._record_stop(session, offer, pause, records, now)
        history = await self._history(offer)
        if session.user_id != offer.user_id:
            return None  # another user has signed in, and the history is the former user's
        if records.is_used(session, offer, history):
            return None
        self._gate_contexts.recall(session, history, now)
        stop, explored = await self._ask_gates(trigger, offer, session, history, now)
        if stop is None and self._judge is not None:
            stop = await self._review(self._judge, offer, session)
            now = self._clock()
            if stop is None:
                history = await self._history(offer)
                stop, explored = await self._ask_gates(trigger, offer, session, history, now)
        if stop is not None:
            return self._record_stop(session, offer, stop, records, now)
        if session.user_id != offer.user_id or self._open_offers.is_waiting(offer.user_id):
            return None
        if explored is not None and not self._exploration.opens(explored, offer):
            return await self._keep_closed(session, offer, trigger, explored, records, now)
        offer.explored_gate = explored.gate if explored else ""
        return await self._make(session, offer, trigger, records, now)

    async def _history(self, offer: Offer) -> list[Offer]:
        """The user's offers, including one that is not stored in the database yet."""
        history = await self._ledger.history(offer.product_id, offer.user_id)
        waiting = self._open_offers.of_user(offer.user_id)
        if waiting is None or any(past.offer_id == waiting.offer_id for past in history):
            return history
        return [waiting, *history]

    async def _ask_gates(
        self,
        trigger: ConfiguredTrigger,
        offer: Offer,
        session: Session,
        history: Sequence[Offer],
        now: float,
    ) -> tuple[GateResult | None, GateResult | None]:
        """Return the gate that stops the offer, or else the gate about which chance decides."""
        context = await self._gate_contexts.of(
            trigger.id, offer.subject, trigger.courtesy, session.user_id or "", session, history, now
        )
        stop = first_stop(context)
        if stop is None:
            return None, None
        return self._exploration.stop_or_explored(offer.user_id, context, stop)

    async def _review(self, judge: Judge, offer: Offer, session: Session) -> GateResult | None:
        result = await judge.review(offer.body, session.window.last(_JUDGED_ACTIONS))
        if result.body != offer.body:
            offer.shorten(result.body)
        if not result.vetoes:
            return None
        # The model would veto the same actions again, so their evidence is consumed.
        session.triggers.consume(offer.trigger_id, offer.evidence_until)
        return GateResult("judge", True, result.reason)

    def _record_stop(
        self, session: Session, offer: Offer, stop: GateResult, records: FireRecords, now: float
    ) -> Decision:
        replaced = records.stopped(session, offer, stop, now)
        self._counts[f"held_by_{stop.gate}"] += 1
        return self._report(
            "deferred" if stop.gate == BOUNDARY_GATE else "stopped",
            offer,
            now,
            gate=stop.gate,
            until=stop.until,
            detail=stop.detail,
            replaced_gate=replaced,
        )

    def propose(self, session: Session, fired: FiredTrigger, now: float) -> Offer:
        """Return the offer that a fired trigger would make."""
        trigger = fired.trigger
        page, golden_path = session.window.page(), fired.golden_path
        offer = Offer(
            offer_id=new_offer_id(),
            trigger_id=trigger.id,
            body="",
            product_id=session.key[0],
            session_id=session.key[1],
            user_id=session.user_id or "",
            created_at=now,
            expires_at=now + trigger.offer_ttl_s,
            evidence_until=fired.evidence_until,
            golden_path=golden_path,
            page=page,
            interaction_timeout_s=trigger.interaction_timeout_s,
            cooldown_s=trigger.cooldown_s,
            variant=trigger.variant,
            first_way=trigger.first,
        )
        labels = fired.result.reply_option_labels if trigger.reply_options is None else trigger.reply_options
        texts = OfferTexts(
            trigger.text_of(fired.result, self._tour_choice.path_of(fired)),
            reply_options(labels),
            self._tour_choice.choose(trigger, golden_path, session),
        )
        offer.say(texts, self._languages.of(offer.user_id))
        return offer

    async def _make(
        self, session: Session, offer: Offer, trigger: ConfiguredTrigger, records: FireRecords, now: float
    ) -> Decision:
        """Make the offer, or withhold it if chance says so. From here on, both are treated alike."""
        logger.info(
            "trigger fired: session=%s user=%s trigger=%s", offer.session_id, offer.user_id, offer.trigger_id
        )
        allocation = allocate(trigger.rollout, self._holdout, offer.trigger_id, offer.user_id)
        offer.arm, offer.show_probability, offer.holdout_probability = allocation
        replaced = records.made(session, offer, now)
        if offer.arm is Arm.SHOWN:
            self._counts["offers"] += 1
        else:
            offer.status = OfferStatus.WITHHELD
            self._counts["offers_withheld"] += 1
        decision = self._report(
            "withheld" if offer.is_withheld else "offered",
            offer,
            now,
            offer_id=offer.offer_id,
            arm=offer.arm.value,
            detail="; ".join(filter(None, self._details(offer, trigger))),
            replaced_gate=replaced,
        )
        self._goals.decided(offer, trigger.goal, session)
        with offering(offer):
            await self._open_offers.post(offer, now)
        return decision

    def _details(self, offer: Offer, trigger: ConfiguredTrigger) -> tuple[str, ...]:
        no_tour = self._tour_choice.why_withheld(trigger, offer.golden_path)
        return why_opened(offer), why_withheld(offer.arm), no_tour

    async def _keep_closed(
        self,
        session: Session,
        offer: Offer,
        trigger: ConfiguredTrigger,
        gate: GateResult,
        records: FireRecords,
        now: float,
    ) -> Decision:
        """Stop the offer as that gate does, and record that chance could have opened it."""
        replaced = records.kept_closed(session, offer, gate, now)
        self._exploration.keep_closed(gate, offer, now)
        self._counts["gates_kept_closed"] += 1
        decision = self._report(
            "withheld",
            offer,
            now,
            gate=gate.gate,
            until=gate.until,
            offer_id=offer.offer_id,
            arm=offer.arm.value,
            detail=f"kept closed by chance: {gate.detail}",
            replaced_gate=replaced,
        )
        self._goals.decided(offer, trigger.goal, session)
        await self._ledger.save(offer)
        return decision

    def drop(self, session: Session, now: float, trigger_id: str) -> None:
        """Record that a trigger that was stopped or postponed no longer fires; its evidence stays unused."""
        fire = session.triggers.take_stopped_fire(trigger_id)
        if session.triggers.stop_waiting(trigger_id) is None:
            return
        self._observe(
            Decision(
                now,
                "dropped",
                trigger_id,
                session.user_id or "",
                session.key[1],
                variant=fire.variant if fire else "",
                replaced_gate=gate_of(fire, now),
            )
        )

    def _report(self, outcome: Outcome, offer: Offer, now: float, **more: Any) -> Decision:
        decision = Decision(
            now,
            outcome,
            offer.trigger_id,
            offer.user_id,
            offer.session_id,
            variant=offer.variant,
            **more,
        )
        self._observe(decision)
        return decision
