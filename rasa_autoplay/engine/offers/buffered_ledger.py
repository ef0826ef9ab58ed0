"""A ledger that continues while its database is unavailable, and writes everything later."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.offers.base import OfferLedger, PastDecision, Receipt, past_decisions
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import ANSWERS

__all__ = ["BufferedLedger"]

logger = logging.getLogger(__name__)

#: Overflow policy: the oldest unanswered offer is dropped first, then the oldest of all; each is counted.
_MAX_WAITING = 10_000
#: Maximum number of past offers that are cached in case the database fails; about 1 KB each.
_MAX_REMEMBERED = 10_000
_BACKOFF = Backoff(0.5, 2.0)

_Key = tuple[str, str]


class BufferedLedger:
    """Writes at once if possible, otherwise as soon as the database is available again.

    While it is unavailable, a user's history is the one read last, with the changes since. So the answers
    that users give in the meantime count.

    Args:
        ledger: the ledger with the database; its methods report failures by their return values.
    """

    def __init__(self, ledger: OfferLedger) -> None:
        self._ledger = ledger
        self._offers: dict[str, Offer] = {}
        self._receipts: list[Receipt] = []
        self._remembered: OrderedDict[_Key, list[Offer]] = OrderedDict()
        self._remembered_count = 0
        self._writing: asyncio.Task[None] | None = None
        #: ``ledger_dropped``: offers and receipts that were never written, because too many waited.
        self.counts: Counter[str] = Counter()

    @property
    def problem(self) -> str:
        """What is wrong with the database; empty if it works."""
        return self._ledger.problem

    @property
    def waiting(self) -> int:
        """Number of offers and receipts that wait to be written."""
        return len(self._offers) + len(self._receipts)

    async def save(self, offer: Offer) -> bool:
        """Write a new offer, or the new status of a known one; True once it is durable."""
        self._remember_state(offer)
        if offer.offer_id not in self._offers and await self._ledger.save(offer):
            return True
        # If an earlier state waits, this one must wait too, or the earlier one would overwrite it.
        self._offers[offer.offer_id] = _copied(offer)
        self._enforce_limit()
        self._write_later()
        return False

    async def record_receipt(self, offer_id: str, event: str, reported_at: float, detail: str = "") -> bool:
        """Write a receipt; True once it is durable."""
        # What is recorded about a receipt needs its offer, so a receipt waits as long as its offer.
        must_wait = bool(self._receipts) or offer_id in self._offers
        if not must_wait and await self._ledger.record_receipt(offer_id, event, reported_at, detail):
            return True
        new = Receipt(offer_id, event, reported_at, detail)
        # While a receipt waits, the browser sends it again and again.
        if not any(new.repeats(known) for known in self._receipts):
            self._receipts.append(new)
        self._enforce_limit()
        self._write_later()
        return False

    def is_stored(self, offer_id: str) -> bool:
        """Whether everything about that offer is written."""
        return offer_id not in self._offers and all(one.offer_id != offer_id for one in self._receipts)

    async def get(self, offer_id: str) -> Offer | None:
        """Return the offer with that id; None if there is none."""
        waiting = self._offers.get(offer_id)
        return await self._ledger.get(offer_id) if waiting is None else _copied(waiting)

    async def receipts(self, offer_ids: Sequence[str]) -> list[Receipt]:
        """Return the reports about these offers, in order of arrival."""
        written = await self._ledger.receipts(offer_ids)
        return written + [one for one in self._receipts if one.offer_id in offer_ids]

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        """Return the user's offers, newest first, up to a limit."""
        key = product_id, user_id
        found = await self._ledger.history(product_id, user_id)
        if self._ledger.problem and not found:
            found = [_copied(offer) for offer in self._remembered.get(key, ())]
        else:
            self._remember(key, found)
        return self._with_waiting(key, found)

    async def decisions_since(
        self, users: Sequence[tuple[str, str]], since: float
    ) -> Mapping[tuple[str, str], Sequence[PastDecision]] | None:
        """Return the decisions about users since a time, by product and user; None if they cannot be read."""
        written = await self._ledger.decisions_since(users, since)
        if written is None or not self.waiting:
            return written
        known = {decision.offer_id for decisions in written.values() for decision in decisions}
        of_users = (o for o in self._offers.values() if (o.product_id, o.user_id) in users)
        waiting = [o for o in of_users if o.created_at > since and o.offer_id not in known]
        newer = past_decisions(waiting, ())
        merged = {user: [*written.get(user, ()), *newer.get(user, ())] for user in users}
        return {user: [one.with_receipts(self._receipts) for one in own] for user, own in merged.items()}

    async def open_offers(self, now: float) -> list[Offer]:
        """Return all offers that are neither answered nor expired, oldest first."""
        found = await self._ledger.open_offers(now)
        return [offer for offer in found if offer.offer_id not in self._offers]

    def forget_user(self, product_id: str, user_id: str) -> None:
        """Drop what waits to be written about a user, and the history read last."""
        own = {
            o.offer_id for o in self._offers.values() if (o.product_id, o.user_id) == (product_id, user_id)
        }
        own |= {offer.offer_id for offer in self._remembered.get((product_id, user_id), ())}
        for offer_id in own:
            self._offers.pop(offer_id, None)
        self._receipts = [receipt for receipt in self._receipts if receipt.offer_id not in own]
        self._remember((product_id, user_id), [])

    async def close(self) -> None:
        """Write what waits, if the database works, and close it."""
        await end_tasks([self._writing])
        await self._write_all()
        if self.waiting:
            logger.warning("%d offers and receipts could not be written.", self.waiting)
        await self._ledger.close()

    def _with_waiting(self, key: _Key, found: list[Offer]) -> list[Offer]:
        if not self._offers:
            return found
        own = {o.offer_id: o for o in self._offers.values() if (o.product_id, o.user_id) == key}
        if not own:
            return found
        known = {offer.offer_id for offer in found}
        newer = [_copied(offer) for offer_id, offer in own.items() if offer_id not in known]
        merged = newer + [_copied(own.get(offer.offer_id, offer)) for offer in found]
        return sorted(merged, key=lambda offer: offer.created_at, reverse=True)

    def _remember(self, key: _Key, found: list[Offer]) -> None:
        self._remembered_count += len(found) - len(self._remembered.pop(key, ()))
        if found:
            self._remembered[key] = found
        while self._remembered_count > _MAX_REMEMBERED:
            _, oldest = self._remembered.popitem(last=False)
            self._remembered_count -= len(oldest)

    def _remember_state(self, offer: Offer) -> None:
        key = offer.product_id, offer.user_id
        others = [past for past in self._remembered.get(key, ()) if past.offer_id != offer.offer_id]
        self._remember(key, sorted([_copied(offer), *others], key=lambda past: past.created_at, reverse=True))

    def _enforce_limit(self) -> None:
        while self.waiting > _MAX_WAITING:
            self.counts["ledger_dropped"] += 1
            if len(self._receipts) > len(self._offers):
                del self._receipts[0]
                continue
            unanswered = (i for i, offer in self._offers.items() if offer.status not in ANSWERS)
            del self._offers[next(unanswered, next(iter(self._offers)))]

    def _write_later(self) -> None:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_on(), name="autoplay, ledger")

    async def _write_on(self) -> None:
        retry = Retry(_BACKOFF)
        try:
            while self.waiting:
                await retry.wait()
                await self._write_all()
        finally:
            self._writing = None

    async def _write_all(self) -> None:
        """Write what waits, until the database fails."""
        for offer_id, offer in list(self._offers.items()):
            if not await self._ledger.save(offer):
                # An offer that the database rejects must not block the others, so it goes to the end.
                self._offers[offer_id] = self._offers.pop(offer_id, offer)
                return
            if self._offers.get(offer_id) is offer:
                del self._offers[offer_id]
        while self._receipts:
            receipt = self._receipts[0]
            if not await self._ledger.record_receipt(*receipt):
                return
            if self._receipts and self._receipts[0] is receipt:
                del self._receipts[0]


def _copied(offer: Offer) -> Offer:
    again = copy.copy(offer)
    again.tours = list(offer.tours)
    return again
