"""The contract of the ledger: where offers and receipts stand durably."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rasa_autoplay.engine.offers.offer import Offer

__all__ = ["OfferLedger", "Receipt"]


class Receipt(NamedTuple):
    """What was reported of an offer.

    Args:
        offer_id: which offer.
        event: a browser's word for a toast, or ``bubble_1_delivered`` and the like.
        at: when it was reported, epoch seconds.
        detail: the reason of a failure, or where a bubble's words come from.
    """

    offer_id: str
    event: str
    at: float
    detail: str = ""


class OfferLedger(Protocol):
    """Offers and receipts, kept across restarts and sessions.

    Nothing here may raise because the database is away: the live path goes on, and ``problem`` says what is
    wrong.
    """

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty while all is well."""
        ...

    async def save(self, offer: Offer) -> bool:
        """Write a new offer, or the new status of a known one; True when it is durable."""
        ...

    async def note(self, offer_id: str, event: str, at: float, detail: str = "") -> bool:
        """Write what became of an offer or its bubbles, and when (epoch seconds); True when durable."""
        ...

    def is_stored(self, offer_id: str) -> bool:
        """False while something of that offer waits to be written: a crash would forget it."""
        ...

    async def get(self, offer_id: str) -> Offer | None:
        """The offer of that id."""
        ...

    async def receipts(self, offer_ids: Sequence[str]) -> list[Receipt]:
        """What was reported of these offers, in the order of its arrival."""
        ...

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        """The user's offers, newest first, bounded."""
        ...

    async def open_offers(self, now: float) -> list[Offer]:
        """Every offer that is neither answered nor expired, oldest first: for an engine that restarts."""
        ...

    async def close(self) -> None:
        """Finish what was begun, and let the database go."""
        ...
