"""A ledger in this process's memory, for simulations and tests, which need no database."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping, Sequence
from itertools import chain

from rasa_autoplay.engine.offers.base import PastDecision, Receipt, past_decisions
from rasa_autoplay.engine.offers.offer import Offer

__all__ = ["LocalOfferLedger"]


class LocalOfferLedger:
    """Stores offers and receipts until the process ends.

    Like a database, it stores copies, so a change to an offer has no effect until it is saved.
    """

    problem = ""

    def __init__(self) -> None:
        self._offers: dict[str, Offer] = {}
        self._of_user: dict[tuple[str, str], dict[str, Offer]] = {}
        #: By offer: the receipts with their numbers in order of arrival.
        self._receipts: dict[str, list[tuple[int, Receipt]]] = {}
        self._numbers = itertools.count()

    async def save(self, offer: Offer) -> bool:
        """Store a new offer, or the new status of a known one."""
        kept = self._offers[offer.offer_id] = _copied(offer)
        self._of_user.setdefault((offer.product_id, offer.user_id), {})[offer.offer_id] = kept
        return True

    async def record_receipt(self, offer_id: str, event: str, reported_at: float, detail: str = "") -> bool:
        """Store a receipt, unless it is already stored."""
        new, own = Receipt(offer_id, event, reported_at, detail), self._receipts.setdefault(offer_id, [])
        if any(new.repeats(known) for _, known in own):
            return True
        place = next((at for at, (_, known) in enumerate(own) if new.completes(known)), None)
        if place is None:
            own.append((next(self._numbers), new))
        else:
            number, known = own[place]
            own[place] = number, known._replace(detail=detail)
        return True

    def is_stored(self, _offer_id: str) -> bool:
        """Return True, because everything is stored at once."""
        return True

    async def get(self, offer_id: str) -> Offer | None:
        """Return the offer with that id; None if there is none."""
        found = self._offers.get(offer_id)
        return None if found is None else _copied(found)

    async def receipts(self, offer_ids: Sequence[str]) -> list[Receipt]:
        """Return the reports about these offers, in order of arrival."""
        found = chain.from_iterable(self._receipts.get(offer_id, ()) for offer_id in set(offer_ids))
        return [receipt for _, receipt in sorted(found)]

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        """Return all of the user's offers, newest first."""
        offers = self._of_user.get((product_id, user_id), {}).values()
        return sorted(map(_copied, offers), key=lambda offer: offer.created_at, reverse=True)

    async def decisions_since(
        self, users: Sequence[tuple[str, str]], since: float
    ) -> Mapping[tuple[str, str], Sequence[PastDecision]] | None:
        """Return the decisions about users since a time, by product and user."""
        of_users = (offer for user in users for offer in self._of_user.get(user, {}).values())
        found = [offer for offer in of_users if offer.created_at > since]
        return past_decisions(found, await self.receipts([offer.offer_id for offer in found]))

    async def open_offers(self, now: float) -> list[Offer]:
        """Return all offers that are neither answered nor expired, oldest first."""
        still_open = [o for o in self._offers.values() if o.is_open and o.expires_at > now]
        return sorted(map(_copied, still_open), key=lambda offer: offer.created_at)

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _copied(offer: Offer) -> Offer:
    again = copy.copy(offer)
    again.tours = list(offer.tours)
    return again
