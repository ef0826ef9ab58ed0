"""The ledger's buffer: offers that the database could not store are written later, and count meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.common.runtime.backoff import Backoff
from rasa_autoplay.engine.offers import buffered_ledger as buffered
from rasa_autoplay.engine.offers.base import PastDecision, Receipt
from rasa_autoplay.engine.offers.buffered_ledger import BufferedLedger
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus

T0 = 1_700_000_000.0


class Flaky(LocalOfferLedger):
    """A database that is unreachable while a test says so, and then neither stores nor returns anything."""

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""

    async def save(self, offer: Offer) -> bool:
        return not self.problem and await super().save(offer)

    async def record_receipt(self, offer_id: str, event: str, at: float, detail: str = "") -> bool:
        return not self.problem and await super().record_receipt(offer_id, event, at, detail)

    async def get(self, offer_id: str) -> Offer | None:
        return None if self.problem else await super().get(offer_id)

    async def decisions_since(
        self, users: Sequence[tuple[str, str]], since: float
    ) -> Mapping[tuple[str, str], Sequence[PastDecision]] | None:
        return None if self.problem else await super().decisions_since(users, since)

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        return [] if self.problem else await super().history(product_id, user_id)


def offer(offer_id: str = "o1", user: str = "u1", at: float = 0.0) -> Offer:
    return Offer(offer_id, "t1", "Shall I?", "demo", "s1", user, T0 + at, T0 + at + 120, T0)


class Parts:
    def __init__(self) -> None:
        self.database = Flaky()
        self.ledger = BufferedLedger(self.database)

    def away(self) -> None:
        self.database.problem = "away"

    async def back(self) -> None:
        self.database.problem = ""
        await eventually(lambda: self.ledger.waiting == 0, what="all is written")

    async def statuses(self, user: str = "u1") -> list[tuple[str, str]]:
        return [(one.offer_id, one.status.value) for one in await self.ledger.history("demo", user)]


@asynchronous
async def test_writes_pending_offers_when_the_database_returns() -> None:
    parts = Parts()
    parts.away()
    made = offer()
    assert not await parts.ledger.save(made)
    assert not await parts.ledger.record_receipt("o1", "never", T0)
    assert not await parts.ledger.record_receipt("o1", "never", T0 + 5), (
        "once more, since it was not confirmed"
    )
    assert not parts.ledger.is_stored("o1")
    assert parts.ledger.is_stored("o2")
    made.advance(OfferStatus.NEVER, T0 + 6)
    assert not await parts.ledger.save(made)
    await parts.back()
    assert parts.ledger.is_stored("o1")
    stored = await parts.database.get("o1")
    assert stored is not None
    assert stored.status is OfferStatus.NEVER
    assert await parts.database.receipts(["o1"]) == [Receipt("o1", "never", T0)]
    await parts.ledger.close()


@asynchronous
async def test_earlier_answer_still_counts_during_an_outage() -> None:
    parts = Parts()
    made = offer()
    await parts.ledger.save(made)
    await parts.ledger.history("demo", "u1")
    made.advance(OfferStatus.NEVER, T0 + 1)
    await parts.ledger.save(made)
    parts.away()
    assert await parts.statuses() == [("o1", "never")]
    assert await parts.statuses("u2") == []
    await parts.ledger.close()


@asynchronous
async def test_memory_is_bounded_and_keeps_answers_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffered, "_MAX_WAITING", 10)
    monkeypatch.setattr(buffered, "_MAX_REMEMBERED", 10)
    parts = Parts()
    for number in range(100):
        await parts.ledger.save(offer(f"old {number}", f"u{number}"))
    assert parts.ledger._remembered_count == sum(map(len, parts.ledger._remembered.values())) <= 10
    parts.away()
    answered = offer("answered")
    answered.advance(OfferStatus.NEVER, T0)
    await parts.ledger.save(answered)
    for number in range(100):
        await parts.ledger.save(offer(f"new {number}"))
        await parts.ledger.record_receipt(f"new {number}", "rendered", T0)
    assert parts.ledger.waiting == 10
    assert parts.ledger.counts["ledger_dropped"] == 191
    assert not parts.ledger.is_stored("answered")
    await parts.ledger.close()


@asynchronous
async def test_unstorable_offer_does_not_block_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffered, "_BACKOFF", Backoff(0.01, 0.01))
    parts = Parts()
    real = parts.database.save

    async def save(one: Offer) -> bool:
        return one.offer_id != "poison" and await real(one)

    parts.away()
    for offer_id in ("poison", "o1", "o2"):
        await parts.ledger.save(offer(offer_id))
    monkeypatch.setattr(parts.database, "save", save)
    parts.database.problem = ""
    await eventually(lambda: parts.ledger.waiting == 1, what="the others are written")
    await parts.ledger.close()


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["away", "back", "post", "rendered", "never", "dismissed", "note"]), st.integers(0, 3)
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_history_equals_what_was_saved_despite_database_faults(steps: list[tuple[str, int]]) -> None:
    async def live() -> None:
        parts = Parts()
        offers: dict[str, Offer] = {}
        for at, (what, number) in enumerate(steps):
            offer_id = f"o{number}"
            if what == "away":
                parts.away()
            elif what == "back":
                parts.database.problem = ""
            elif what == "post" and offer_id not in offers:
                offers[offer_id] = offer(offer_id, at=at)
                await parts.ledger.save(offers[offer_id])
            elif what == "note":
                await parts.ledger.record_receipt(offer_id, "seen", T0)
            elif offer_id in offers and what != "post":
                offers[offer_id].advance(OfferStatus(what), T0 + at)
                await parts.ledger.save(offers[offer_id])
            expected = sorted(offers.values(), key=lambda one: one.created_at, reverse=True)
            assert await parts.statuses() == [(one.offer_id, one.status.value) for one in expected]
        parts.database.problem = ""
        await parts.ledger.close()
        stored: Any = {o.offer_id: o.status for o in await parts.database.history("demo", "u1")}
        assert stored == {offer_id: one.status for offer_id, one in offers.items()}

    asyncio.run(live())


@asynchronous
async def test_decisions_and_receipts_that_wait_belong_to_the_users_decisions() -> None:
    parts = Parts()
    await parts.ledger.save(offer("o1"))
    parts.away()
    await parts.ledger.save(offer("o2", at=2))
    await parts.ledger.save(offer("o3", user="u2", at=3))
    await parts.ledger.record_receipt("o1", "goal_reached", T0 + 4)
    for at in (5, 6):
        await parts.ledger.record_receipt("o2", "failed_after", T0 + at)
    assert await parts.ledger.decisions_since([("demo", "u1")], T0 - 1) is None
    parts.database.problem = ""
    assert await parts.ledger.decisions_since([("demo", "u1")], T0 - 1) == {
        ("demo", "u1"): [
            PastDecision("o1", "t1", "", T0, True),
            PastDecision("o2", "t1", "", T0 + 2, False, (T0 + 5, T0 + 6)),
        ]
    }
    await parts.back()
    assert [(r.event, r.at - T0) for r in await parts.database.receipts(["o2"])] == [
        ("failed_after", 5),
        ("failed_after", 6),
    ]
    await parts.ledger.close()
