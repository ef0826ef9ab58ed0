"""What a session remembers of a trigger's fires: the evidence they used, and the gates that stopped them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rasa_autoplay.engine.courtesy.gate_contract import GateResult
from rasa_autoplay.engine.courtesy.gates import BOUNDARY_GATE, TOPIC_GATES, evidence_used
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.trigger_states import StoppedFire

__all__ = ["FROM_CODE", "FROM_EVIDENCE", "FireRecords", "gate_of"]

_DAY_S = 86_400.0
#: Code that asks again within this time after a postponed offer continues the same wait, in seconds.
_SAME_WAIT_S = 60.0


class FireRecords(Protocol):
    """Records the decision on a fire in its session.

    Each method that returns a text returns the gate that stopped the fire before.
    """

    def is_used(self, session: Session, offer: Offer, history: Sequence[Offer]) -> bool:
        """Whether the fire has led to a decision before; then it is ignored."""
        ...

    def began(self, session: Session, offer: Offer) -> None:
        """Record that the gates are asked now."""
        ...

    def stopped(self, session: Session, offer: Offer, stop: GateResult, now: float) -> str:
        """Record that a gate has stopped the fire."""
        ...

    def kept_closed(self, session: Session, offer: Offer, gate: GateResult, now: float) -> str:
        """Record that chance has kept a gate closed for it."""
        ...

    def made(self, session: Session, offer: Offer, now: float) -> str:
        """Record that the offer is made, or withheld."""
        ...


class _FromEvidence:
    """A fire of a trigger that the engine asks: the same actions never lead to a second offer."""

    def is_used(self, session: Session, offer: Offer, history: Sequence[Offer]) -> bool:
        used = evidence_used(offer.trigger_id, offer.session_id, history)
        if used <= session.triggers.evidence_after(offer.trigger_id):
            return False
        # After a restart, only the ledger knows that this evidence was consumed.
        session.triggers.consume(offer.trigger_id, used)
        return True

    def began(self, session: Session, offer: Offer) -> None:
        return

    def stopped(self, session: Session, offer: Offer, stop: GateResult, now: float) -> str:
        triggers = session.triggers
        replaced = gate_of(triggers.take_stopped_fire(offer.trigger_id), now)
        if stop.gate not in TOPIC_GATES and offer.evidence_until > triggers.evidence_after(offer.trigger_id):
            triggers.stop_fire(offer.trigger_id, StoppedFire(stop.gate, now, offer.variant))
        if stop.gate == BOUNDARY_GATE:
            _wait(session, offer, stop, now)
        else:
            _hold(session, offer, stop)
        return replaced

    def kept_closed(self, session: Session, offer: Offer, gate: GateResult, now: float) -> str:
        replaced = gate_of(session.triggers.take_stopped_fire(offer.trigger_id), now)
        _hold(session, offer, gate)
        return replaced

    def made(self, session: Session, offer: Offer, now: float) -> str:
        session.triggers.stop_waiting(offer.trigger_id)
        session.triggers.consume(offer.trigger_id, offer.evidence_until)
        return gate_of(session.triggers.take_stopped_fire(offer.trigger_id), now)


class _FromCode:
    """An offer that the team's code asks for: each is its own evidence, and nothing asks for it again.

    Only the wait for a natural boundary is remembered, so that ``max_wait`` counts for code that asks again.
    """

    def is_used(self, session: Session, offer: Offer, history: Sequence[Offer]) -> bool:
        return False

    def began(self, session: Session, offer: Offer) -> None:
        until = (session.triggers.held_until or {}).get(offer.trigger_id, 0.0)
        if offer.created_at > until + _SAME_WAIT_S:
            session.triggers.stop_waiting(offer.trigger_id)

    def stopped(self, session: Session, offer: Offer, stop: GateResult, now: float) -> str:
        if stop.gate == BOUNDARY_GATE:
            _wait(session, offer, stop, now)
        return ""

    def kept_closed(self, session: Session, offer: Offer, gate: GateResult, now: float) -> str:
        return ""

    def made(self, session: Session, offer: Offer, now: float) -> str:
        session.triggers.stop_waiting(offer.trigger_id)
        return ""


FROM_EVIDENCE: FireRecords = _FromEvidence()
FROM_CODE: FireRecords = _FromCode()


def _wait(session: Session, offer: Offer, stop: GateResult, now: float) -> None:
    since = session.triggers.stop_waiting(offer.trigger_id)
    session.triggers.wait(offer.trigger_id, now if since is None else since, stop.until)


def _hold(session: Session, offer: Offer, stop: GateResult) -> None:
    """Do not ask the trigger again before the gate opens; a topic gate concerns only this workflow."""
    session.triggers.stop_waiting(offer.trigger_id)
    if stop.gate in TOPIC_GATES:
        session.triggers.silence(offer.trigger_id, offer.subject, stop.until)
    else:
        session.triggers.hold(offer.trigger_id, stop.until)


def gate_of(fire: StoppedFire | None, now: float) -> str:
    """Return the gate that stopped a fire which goes on now; on a later UTC day, it is a new fire."""
    return fire.gate if fire is not None and fire.at // _DAY_S == now // _DAY_S else ""
