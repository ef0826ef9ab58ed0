"""The contract of the ledger, which stores offers and receipts durably."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rasa_autoplay.engine.offers.offer import Offer

__all__ = ["OfferLedger", "Receipt"]


class Receipt(NamedTuple):
    """One report about an offer.

    Args:
        offer_id: the offer's id.
        event: a browser's receipt for a toast, or a report about a chat bubble, such as
            ``bubble_1_delivered``.
        at: when it was reported, epoch seconds.
        detail: the reason for a failure, or the origin of a bubble's text.
    """

    offer_id: str
    event: str
    at: float
    detail: str = ""


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

    async def open_offers(self, now: float) -> list[Offer]:
        """Return all offers that are neither answered nor expired, oldest first, for a restarted engine."""
        ...

    async def close(self) -> None:
        """Finish pending operations, and close the database."""
        ...
