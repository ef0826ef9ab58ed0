"""The contract of the ledger, which stores offers and receipts durably."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.link.messages import RECEIPT_EVENTS

__all__ = ["FAILED_AFTER", "SETTLING", "OfferLedger", "PastDecision", "Receipt", "past_decisions"]


#: The receipts after which a decision's goal is not followed any more.
SETTLING = frozenset({"goal_reached", "goal_held"})
#: A failure of the user soon after a decision.
FAILED_AFTER = "failed_after"
#: An offer can be accepted once by each button, and again after its help could not be given.
_ACCEPTED = "accepted"
#: Each of these happens once to an offer.
_ONCE = SETTLING | frozenset(RECEIPT_EVENTS) - {_ACCEPTED}


class Receipt(NamedTuple):
    """One report about an offer.

    Args:
        offer_id: the offer's id.
        event: a browser's receipt for a toast, a report about a chat bubble, such as ``bubble_1_delivered``,
            or a fact about the decision, such as ``goal_reached``.
        at: when it was reported, or happened, epoch seconds.
        detail: the button with which the offer was accepted, a tour's step, the reason for a failure, or the
            origin of a bubble's text.
    """

    offer_id: str
    event: str
    at: float
    detail: str = ""

    def repeats(self, known: Receipt) -> bool:
        """Whether it says nothing new: writes are tried again, and browsers repeat unconfirmed reports."""
        if (self.offer_id, self.event) != (known.offer_id, known.event):
            return False
        if self.event == _ACCEPTED:
            return self.detail in ("", known.detail)
        return self.event in _ONCE or self.at == known.at

    def completes(self, known: Receipt) -> bool:
        """Whether it says which button was pressed, and the known receipt only that one was."""
        is_same = (self.offer_id, self.event) == (known.offer_id, known.event)
        return is_same and self.event == _ACCEPTED and not known.detail


class PastDecision(NamedTuple):
    """What the ledger knows about a decision and its goal.

    Args:
        offer_id: id of the decision's offer, which was made or withheld.
        trigger_id: the trigger.
        golden_path: id of the workflow that it is about; empty if there is none.
        created_at: when it was decided, epoch seconds.
        is_settled: whether its goal was reached, or held before the decision.
        failed_at: the times of the failures after it, epoch seconds.
    """

    offer_id: str
    trigger_id: str
    golden_path: str
    created_at: float
    is_settled: bool = False
    failed_at: tuple[float, ...] = ()

    def with_receipts(self, receipts: Iterable[Receipt]) -> PastDecision:
        """Return the decision with what its own among these receipts say."""
        own = [receipt for receipt in receipts if receipt.offer_id == self.offer_id]
        if not own:
            return self
        failures = tuple(receipt.at for receipt in own if receipt.event == FAILED_AFTER)
        is_settled = self.is_settled or any(receipt.event in SETTLING for receipt in own)
        return self._replace(is_settled=is_settled, failed_at=self.failed_at + failures)


def past_decisions(
    offers: Iterable[Any], receipts: Iterable[Receipt]
) -> dict[tuple[str, str], list[PastDecision]]:
    """Return what offers, or rows of them, and their receipts say about decisions, by product and user."""
    of_offer: defaultdict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        of_offer[receipt.offer_id].append(receipt)
    found: defaultdict[tuple[str, str], list[PastDecision]] = defaultdict(list)
    for offer in offers:
        bare = PastDecision(offer.offer_id, offer.trigger_id, offer.golden_path, offer.created_at)
        found[offer.product_id, offer.user_id].append(bare.with_receipts(of_offer[offer.offer_id]))
    return found


class OfferLedger(Protocol):
    """Stores offers and receipts across restarts and sessions.

    No method raises if the database is not available: toasts continue, and ``problem`` says what is wrong.
    """

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""
        ...

    async def save(self, offer: Offer) -> bool:
        """Store a new offer, or the new status of a known one; True once it is durable."""
        ...

    async def record_receipt(self, offer_id: str, event: str, reported_at: float, detail: str = "") -> bool:
        """Store a report about an offer or its bubbles; True once it is durable.

        Args:
            offer_id: the offer's id.
            event: see :class:`Receipt`.
            reported_at: epoch seconds.
            detail: see :class:`Receipt`.
        """
        ...

    def is_stored(self, offer_id: str) -> bool:
        """Whether everything about that offer is stored, so that a crash would lose nothing."""
        ...

    async def get(self, offer_id: str) -> Offer | None:
        """Return the offer with that id; None if there is none."""
        ...

    async def receipts(self, offer_ids: Sequence[str]) -> list[Receipt]:
        """Return the reports about these offers, in order of arrival."""
        ...

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        """Return the user's offers, newest first, up to a limit."""
        ...

    async def decisions_since(
        self, users: Sequence[tuple[str, str]], since: float
    ) -> Mapping[tuple[str, str], Sequence[PastDecision]] | None:
        """Return the decisions about users since a time, by product and user; None if they cannot be read.

        Args:
            users: product and user.
            since: epoch seconds.
        """
        ...

    async def open_offers(self, now: float) -> list[Offer]:
        """Return all offers that are neither answered nor expired, oldest first, for a restarted engine."""
        ...

    async def close(self) -> None:
        """Finish pending operations, and close the database."""
        ...
