"""Which outcomes a change of an offer, or a receipt, has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.engine.offers.base import FAILED_AFTER, Receipt
from rasa_autoplay.engine.offers.offer import REQUESTED_TRIGGERS
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.outcomes.outcome import Outcome, OutcomeData, as_timestamp, offer_digest, outcome_id
from rasa_autoplay.events.outcome_types import OutcomeType

__all__ = ["OFFER_COLUMNS", "RECEIPTS", "of_receipt", "of_saved_offer"]

#: What outcomes say about the offer.
OFFER_COLUMNS = (
    "offer_id",
    "product_id",
    "user_id",
    "session_id",
    "trigger_id",
    "golden_path",
    "variant",
    "page",
    "arm",
)

#: The outcome of each receipt that has one. The other receipts change the offer's status, which is saved.
RECEIPTS = {
    "accepted": OutcomeType.ACCEPTED,
    "withdrawn": OutcomeType.WITHDRAWN,
    "tour_finished": OutcomeType.TOUR_FINISHED,
    "tour_left": OutcomeType.TOUR_LEFT,
    "tour_missing": OutcomeType.TOUR_MISSING,
    "tour_elsewhere": OutcomeType.TOUR_ELSEWHERE,
    "bubble_1_delivered": OutcomeType.CHAT_OPENED,
    "bubble_1_failed": OutcomeType.CHAT_FAILED,
    "goal_reached": OutcomeType.GOAL_REACHED,
    FAILED_AFTER: OutcomeType.FAILED_AFTER,
}
#: The field that holds a receipt's detail.
_DETAILS = {
    OutcomeType.ACCEPTED: "button",
    OutcomeType.WITHDRAWN: "reason",
    OutcomeType.TOUR_FINISHED: "step",
    OutcomeType.TOUR_LEFT: "step",
    OutcomeType.TOUR_MISSING: "step",
    OutcomeType.TOUR_ELSEWHERE: "step",
    OutcomeType.CHAT_FAILED: "reason",
    OutcomeType.FAILED_AFTER: "failure",
}
#: The outcomes of the statuses that end an offer. An acceptance has a receipt, which names the button.
_ENDS = {
    OfferStatus.TIMED_OUT: OutcomeType.TIMED_OUT,
    OfferStatus.DISMISSED: OutcomeType.DISMISSED,
    OfferStatus.SNOOZED: OutcomeType.SNOOZED,
    OfferStatus.NEVER: OutcomeType.NEVER,
    OfferStatus.EXPIRED: OutcomeType.EXPIRED,
}


def of_saved_offer(before: Mapping[str, Any] | None, after: Mapping[str, Any], now: float) -> list[Outcome]:
    """Return the outcomes of a saved offer, in order.

    Each of them happens once to an offer, so the result does not depend on how often the offer is saved.

    Args:
        before: its status and times as they were stored; None for a new offer.
        after: its row.
        now: epoch seconds; the time of a timeout, which the offer does not store.
    """
    if after["trigger_id"] in REQUESTED_TRIGGERS:
        return []  # Somebody asked for that tour, so nothing was offered. How it ended has a receipt.
    if after["status"] == OfferStatus.WITHHELD.value:
        return [] if before else [_outcome(OutcomeType.WITHHELD, after, after["created_at"])]
    was = before or {"status": "", "rendered_at": 0.0, "seen_at": 0.0}
    found = [] if before else [_outcome(OutcomeType.MADE, after, after["created_at"])]
    for outcome_type, column in ((OutcomeType.SHOWN, "rendered_at"), (OutcomeType.SEEN, "seen_at")):
        if after[column] and not was[column]:
            found.append(_outcome(outcome_type, after, after[column]))
    end = _ENDS.get(OfferStatus(after["status"]))
    # An acceptance that brought no help is undone: that is no end of the offer.
    if end and was["status"] not in (after["status"], OfferStatus.ACCEPTED.value):
        found.append(_outcome(end, after, after["closed_at"] or now))
    return found


def of_receipt(receipt: Receipt, number: int, offer: Mapping[str, Any]) -> Outcome | None:
    """Return the outcome of a receipt; None if it has none.

    Args:
        receipt: the receipt.
        number: how many receipts of the same event were stored for the same offer before.
        offer: the columns ``OFFER_COLUMNS`` of its offer.
    """
    outcome_type = RECEIPTS.get(receipt.event)
    if outcome_type is None or (outcome_type is OutcomeType.ACCEPTED and _was_asked_for(offer)):
        return None
    return _outcome(outcome_type, offer, receipt.at, number, receipt.detail)


def _was_asked_for(offer: Mapping[str, Any]) -> bool:
    return offer["trigger_id"] in REQUESTED_TRIGGERS


def _outcome(
    outcome_type: OutcomeType, offer: Mapping[str, Any], at: float, number: int = 0, detail: str = ""
) -> Outcome:
    field = _DETAILS.get(outcome_type)
    data = OutcomeData(
        product_id=offer["product_id"],
        user_id=offer["user_id"],
        offer=offer_digest(offer["offer_id"]),
        trigger_id=offer["trigger_id"],
        arm=offer["arm"],
        session_id=offer["session_id"],
        golden_path=offer["golden_path"],
        variant=offer["variant"],
        page=offer["page"],
        **({field: detail} if field else {}),
    )
    same_id = outcome_id(offer["product_id"], offer["offer_id"], outcome_type, number)
    return Outcome(same_id, outcome_type, as_timestamp(at), data)
