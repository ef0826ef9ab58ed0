"""From a trigger that has fired to an offer: evidence, courtesy, the model's veto; and then, the offer."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.gate_result import GateResult
from rasa_autoplay.engine.courtesy.gates import BOUNDARY_GATE, SUBJECT_GATES, evidence_used, first_stop
from rasa_autoplay.engine.courtesy.judge import Judge
from rasa_autoplay.engine.decisions.decision_log import Decision, Observer, Outcome
from rasa_autoplay.engine.decisions.trigger_asker import FiredTrigger
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer, OfferedTour, new_offer_id, reply_options
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.loader import ConfiguredTrigger

__all__ = ["OfferDecider"]

logger = logging.getLogger(__name__)

#: The model sees the user's last actions only.
_JUDGED_ACTIONS = 8


class OfferDecider:
    """Decides whether what fired becomes an offer.

    Args:
        situations: gathers what courtesy looks at.
        ledger: the user's earlier offers.
        outbox: takes the offers made.
        tours: what an offer can start.
        judge: may veto or shorten; None where none is configured.
        clock: epoch seconds.
        observe: is told of every decision.
    """

    def __init__(
        self,
        situations: GateContextBuilder,
        ledger: OfferLedger,
        outbox: OpenOffers,
        tours: TourCatalogue,
        judge: Judge | None,
        clock: Callable[[], float],
        observe: Observer,
    ) -> None:
        self._situations = situations
        self._ledger = ledger
        self._outbox = outbox
        self._tours = tours
        self._judge = judge
        self._clock = clock
        self._observe = observe
        self.counts: Counter[str] = Counter()

    async def take_up(self, session: Session, fired: FiredTrigger, now: float) -> None:
        """Ask courtesy, which reads the ledger; then make the offer, or remember what forbids it."""
        offer = self._propose(session, fired, now)
        self._tell("fired", offer, now)
        history = await self._history(offer)
        if session.user_id != offer.user_id:
            return  # what courtesy says of the former user does not concern the one who is here now
        used = evidence_used(offer.trigger_id, offer.session_id, history)
        if used > session.evidence_after(offer.trigger_id):
            # The ledger remembers more than the session, as after a restart: the trigger was shown too much.
            session.consume(offer.trigger_id, used)
            return
        self._situations.recall(session, history, now)
        stop = await self._stop(fired.trigger, offer, session, history, now)
        if stop is None and self._judge is not None:
            stop = await self._ask_judge(self._judge, offer, session)
            now = self._clock()
            stop = stop or await self._stop(fired.trigger, offer, session, await self._history(offer), now)
        if stop is not None:
            self._remember(session, offer, stop, now)
        elif session.user_id == offer.user_id and not self._outbox.is_waiting(offer.user_id):
            await self._make(session, offer, now)

    async def _history(self, offer: Offer) -> list[Offer]:
        """The user's offers, also those that the database does not know because it is away."""
        history = await self._ledger.history(offer.product_id, offer.user_id)
        waiting = self._outbox.of_user(offer.user_id)
        if waiting is None or any(past.offer_id == waiting.offer_id for past in history):
            return history
        return [waiting, *history]

    async def _stop(
        self,
        trigger: ConfiguredTrigger,
        offer: Offer,
        session: Session,
        history: Sequence[Offer],
        now: float,
    ) -> GateResult | None:
        situation = await self._situations.of(
            trigger.id, offer.subject, trigger.courtesy, session.user_id or "", session, history, now
        )
        return first_stop(situation)

    async def _ask_judge(self, judge: Judge, offer: Offer, session: Session) -> GateResult | None:
        ruling = await judge.review(offer.body, session.window.last(_JUDGED_ACTIONS))
        offer.body = ruling.body
        if not ruling.vetoes:
            return None
        # Asked again about the same actions it would say the same: it wants new ones.
        session.consume(offer.trigger_id, offer.evidence_until)
        return GateResult("judge", True, ruling.reason)

    def _remember(self, session: Session, offer: Offer, stop: GateResult, now: float) -> None:
        if stop.gate == BOUNDARY_GATE:
            since = session.stop_waiting(offer.trigger_id)
            session.wait(offer.trigger_id, now if since is None else since, stop.until)
            outcome: Outcome = "deferred"
        else:
            session.stop_waiting(offer.trigger_id)
            if stop.gate in SUBJECT_GATES:
                session.silence(offer.trigger_id, offer.subject, stop.until)
            else:
                session.hold(offer.trigger_id, stop.until)
            outcome = "stopped"
        self.counts[f"held_by_{stop.gate}"] += 1
        self._tell(outcome, offer, now, gate=stop.gate, until=stop.until, detail=stop.detail)

    def _propose(self, session: Session, fired: FiredTrigger, now: float) -> Offer:
        trigger = fired.trigger
        page, golden_path = session.window.page(), fired.golden_path
        return Offer(
            offer_id=new_offer_id(),
            trigger_id=trigger.id,
            body=trigger.body or fired.result.body,
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
            tours=self.tours_for(trigger, golden_path, session),
            reply_options=reply_options(
                fired.result.reply_option_labels if trigger.reply_options is None else trigger.reply_options
            ),
        )

    def tours_for(
        self, trigger: ConfiguredTrigger | None, path_id: str, session: Session | None
    ) -> list[OfferedTour]:
        """The tours to offer: those of the trigger, else that of the workflow, as far as they fit the page.

        Users who have struggled with the workflow have seen its page often enough: only the chat explains it.

        Args:
            trigger: which one; None when ``autoplay.yml`` no longer has it.
            path_id: the workflow that the offer is about; empty for none.
            session: where the user is.
        """
        if self._situations.struggles(path_id, session):
            return []
        labels = (trigger.tours if trigger else None) or {path_id: ""}
        return self._tours.for_page(labels, session.window.page() if session else "")

    async def _make(self, session: Session, offer: Offer, now: float) -> None:
        logger.info(
            "trigger fired: session=%s user=%s trigger=%s", offer.session_id, offer.user_id, offer.trigger_id
        )
        self.counts["offers"] += 1
        session.stop_waiting(offer.trigger_id)
        session.consume(offer.trigger_id, offer.evidence_until)
        self._tell("offered", offer, now, offer_id=offer.offer_id)
        await self._outbox.post(offer, now)

    def dropped(self, session: Session, trigger_id: str, now: float) -> None:
        """What waited for a boundary does not fire any more; its evidence is not used up."""
        session.stop_waiting(trigger_id)
        self._observe(Decision(now, "dropped", trigger_id, session.user_id or "", session.key[1]))

    def _tell(self, outcome: Outcome, offer: Offer, now: float, **more: Any) -> None:
        self._observe(Decision(now, outcome, offer.trigger_id, offer.user_id, offer.session_id, **more))
