"""The contract of the ledger, which stores offers and receipts durably."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rasa_autoplay.engine.offers.offer import Offer

__all__ = ["OfferLedger", "Receipt"]


class Receipt(NamedTuple):
    """One report about an offer.

    Args:
        offer_id: which offer.
        event: a browser's receipt for a toast, or ``bubble_1_delivered`` and the like.
        at: when it was reported, epoch seconds.
        detail: the reason of a failure, or where a bubble's text comes from.
    """

    offer_id: str
    event: str
    at: float
    detail: str = ""


class OfferLedger(Protocol):
    """Offers and receipts, kept across restarts and sessions.

    Nothing here raises when the database does not work: the live path continues, and ``problem`` says what is
    wrong.
    """

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty while all is well."""
        ...

    async def save(self, offer: Offer) -> bool:
        """Store a new offer, or the new status of a known one; True when it is durable."""
        ...

    async def record_receipt(self, offer_id: str, event: str, at: float, detail: str = "") -> bool:
        """Store a report about an offer or its bubbles at a time (epoch seconds); True when it is durable."""
        ...

    def is_stored(self, offer_id: str) -> bool:
        """False while something about that offer waits to be stored, which a crash would lose."""
        ...

    async def get(self, offer_id: str) -> Offer | None:
        """The offer with that id."""
        ...

    async def receipts(self, offer_ids: Sequence[str]) -> list[Receipt]:
        """The reports about these offers, in the order of arrival."""
        ...

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        """The user's offers, newest first, bounded."""
        ...

    async def open_offers(self, now: float) -> list[Offer]:
        """Every offer that is neither answered nor expired, oldest first, for an engine that restarts."""
        ...

    async def close(self) -> None:
        """Finish what has begun, and close the database."""
        ...
