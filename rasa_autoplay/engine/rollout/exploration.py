"""Opens closed gates by chance for a share of users, so that results can say what a gate spares and costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.engine.courtesy.gates import check_all
from rasa_autoplay.engine.courtesy.moment_gates import MOMENT_GATES
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.rollout.buckets import bucket
from rasa_autoplay.settings.engine import EngineSettings

__all__ = [
    "NO_EXPLORATION",
    "OPENED_PROBABILITY",
    "Exploration",
    "exploration_of",
    "kept_closed_until",
    "why_opened",
]

#: The probability with which an explored gate opens.
OPENED_PROBABILITY = 0.5
#: These gates limit how much help is offered. The others protect the user's moment, or a person's decision.
_EXPLORABLE = frozenset(
    {
        "answered",
        "mastered",
        "newcomers",
        "path_per_user",
        "path_per_day",
        "trigger_per_user",
        "trigger_per_day",
        "per_user_per_day",
        "path_min_interval",
        "trigger_min_interval",
        "min_interval",
    }
)
#: If a gate stays closed longer, chance decides about it again after this time (seconds).
_LONGEST_S = 86_400.0


class Exploration:
    """Decides by chance about gates, the same on every engine and after every restart.

    Args:
        salt: any text. Another text selects other users.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt

    def includes(self, user_id: str, context: GateContext) -> bool:
        """Whether the user is among those for whom gates may open by chance."""
        share = context.limits.explore if context.own.explore is None else context.own.explore
        return share > 0 and bucket("explore", self._salt, context.trigger_id, user_id) < share

    def stop_or_explored(
        self, user_id: str, context: GateContext, stop: GateResult
    ) -> tuple[GateResult | None, GateResult | None]:
        """Return the gate that stops the offer, or else the gate about which chance decides.

        Chance decides about a gate only if no other one is closed. Gates that wait for the right moment are
        passed first, because otherwise they would always be closed as well.

        Args:
            user_id: the user's id.
            context: what the gates check.
            stop: the first closed gate.
        """
        if not (_may_open(stop) and self.includes(user_id, context)):
            return stop, None
        if kept_closed_until(stop.gate, context.trigger_id, context.history, context.now):
            return stop, None
        others = [gate for gate in check_all(context) if gate.stops and gate.gate != stop.gate]
        if any(gate.gate not in MOMENT_GATES for gate in others):
            return stop, None
        return (others[0], None) if others else (None, stop)

    def opens(self, gate: GateResult, offer: Offer) -> bool:
        """Whether chance opens a gate for an offer; the same evidence always has the same result."""
        evidence = repr(offer.evidence_until)
        place = bucket("gate", self._salt, offer.trigger_id, offer.user_id, gate.gate, evidence)
        return place < OPENED_PROBABILITY

    def described(self, user_id: str, context: GateContext, gates: Sequence[GateResult]) -> list[GateResult]:
        """Return the gates; the first closed one also says whether chance has a part in it.

        Args:
            user_id: the user's id.
            context: what the gates have checked.
            gates: the results of all gates.
        """
        stop = next((gate for gate in gates if gate.stops), None)
        if stop is None:
            return list(gates)
        part = ""
        if kept_closed_until(stop.gate, context.trigger_id, context.history, context.now):
            part = "; kept closed by chance"
        elif self.stop_or_explored(user_id, context, stop)[1] is not None:
            part = "; for this user, chance may open it"
        return [replace(gate, detail=gate.detail + part) if gate is stop else gate for gate in gates]

    @staticmethod
    def keep_closed(gate: GateResult, offer: Offer, now: float) -> None:
        """Mark an offer as one that a closed gate stops. Its record lasts until the gate opens by itself."""
        offer.arm, offer.status = Arm.GATE_CLOSED, OfferStatus.WITHHELD
        offer.explored_gate = gate.gate
        offer.closed_at = now
        offer.expires_at = min(gate.until, now + _LONGEST_S)


#: For callers without settings.
NO_EXPLORATION = Exploration("")


def exploration_of(settings: EngineSettings) -> Exploration:
    """Return the exploration of a product, with the salt of its holdout if that has one."""
    salt = settings.holdout.salt if settings.holdout else ""
    return Exploration(salt or settings.product_id)


def kept_closed_until(gate: str, trigger_id: str, history: Iterable[Offer], now: float) -> float:
    """Return until when chance has kept a trigger's gate closed, epoch seconds; 0 if it has not decided."""
    return max(
        (
            past.expires_at
            for past in history
            if past.arm is Arm.GATE_CLOSED
            and past.explored_gate == gate
            and past.trigger_id == trigger_id
            and past.expires_at > now
        ),
        default=0.0,
    )


def why_opened(offer: Offer) -> str:
    """Return which gate chance has opened for an offer, as text for people; empty if none."""
    is_opened = offer.explored_gate and offer.arm is not Arm.GATE_CLOSED
    return f"{offer.explored_gate} was opened by chance" if is_opened else ""


def _may_open(stop: GateResult) -> bool:
    """Whether chance may open a gate: never after "Don't show again"."""
    if stop.gate == "answered":
        return stop.until < math.inf
    return stop.gate in _EXPLORABLE
