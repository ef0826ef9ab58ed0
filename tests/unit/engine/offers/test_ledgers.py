"""The contract of every ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.tour_step import TourStep
from rasa_autoplay.engine.offers.base import OfferLedger, PastDecision, Receipt
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import CLOSING, Arm, OfferStatus
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger

T0 = 1_700_000_000.0
TOUR = OfferedTour("bulk", "f", "Bülk ⋯", "driverjs", [TourStep("a", "A", "#a", "Do it.")])


@pytest.fixture(params=["local", "sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OfferLedger]:
    if request.param == "local":
        yield LocalOfferLedger()
        return
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url
        empty(url)
    yield SqlOfferLedger(url)


def empty(url: str) -> None:
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        for table in ("autoplay_offers", "autoplay_receipts", "autoplay_ledger_version"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()


def offer(offer_id: str = "o1", at: float = 0.0, **fields: Any) -> Offer:
    fields = {
        "trigger_id": "t1",
        "product_id": "demo",
        "user_id": "u1",
        "created_at": T0 + at,
        "expires_at": T0 + at + 120,
        **fields,
    }
    return Offer(offer_id, body="Shall I?", session_id="s1", evidence_until=T0 + at, **fields)


@asynchronous
async def test_finds_saved_offers(ledger: OfferLedger) -> None:
    times: dict[str, Any] = {
        "sent_at": T0 + 0.5,
        "rendered_at": T0 + 1,
        "seen_at": T0 + 2.125,
        "closed_at": T0 + 3,
    }
    made = offer(tours=[TOUR], status=OfferStatus.ACCEPTED, page="https://a.example/p", **times)
    await ledger.save(made)
    assert await ledger.get("o1") == made
    assert await ledger.get("o2") is None
    assert await ledger.history("demo", "u1") == [made]
    await ledger.close()


@asynchronous
async def test_changes_appear_only_after_saving_again(ledger: OfferLedger) -> None:
    made = offer(tours=[TOUR])
    await ledger.save(made)
    made.advance(OfferStatus.SEEN, T0 + 5)
    made.tours.clear()
    found = await ledger.get("o1")
    assert found is not None
    assert (found.status, found.tours) == (OfferStatus.QUEUED, [TOUR])
    found.advance(OfferStatus.NEVER, T0 + 6)
    assert [o.status for o in await ledger.history("demo", "u1")] == [OfferStatus.QUEUED]
    await ledger.save(made)
    assert [o.status for o in await ledger.history("demo", "u1")] == [OfferStatus.SEEN]
    await ledger.close()


@asynchronous
async def test_history_is_one_users_in_one_product_newest_first(ledger: OfferLedger) -> None:
    for number in (2, 1, 3):
        await ledger.save(offer(f"o{number}", number))
    await ledger.save(offer("other user", user_id="u2"))
    await ledger.save(offer("other product", product_id="other"))
    assert [o.offer_id for o in await ledger.history("demo", "u1")] == ["o3", "o2", "o1"]
    assert await ledger.history("demo", "nobody") == []
    await ledger.close()


@asynchronous
async def test_unseen_offers_never_displace_shown_or_answered_ones(
    ledger: OfferLedger,
) -> None:
    await ledger.save(offer("never", -1000, status=OfferStatus.NEVER))
    await ledger.save(offer("shown", -900, status=OfferStatus.EXPIRED, rendered_at=T0 - 890))
    for number in range(250):
        await ledger.save(offer(f"unseen {number}", number, status=OfferStatus.EXPIRED))
    history = await ledger.history("demo", "u1")
    assert [o.offer_id for o in history[-2:]] == ["shown", "never"]
    assert history[0].offer_id == "unseen 249"
    await ledger.close()


@asynchronous
async def test_returns_open_offers_oldest_first(ledger: OfferLedger) -> None:
    for number, status in enumerate(reversed(OfferStatus)):
        await ledger.save(offer(status.value, number, status=status))
    await ledger.save(offer("just over", expires_at=T0 + 50))
    await ledger.save(offer("withheld and ended", status=OfferStatus.WITHHELD, closed_at=T0 + 1))
    found = [o.offer_id for o in await ledger.open_offers(T0 + 50)]
    assert found == [s.value for s in reversed(OfferStatus) if s not in CLOSING]
    await ledger.close()


@asynchronous
async def test_accepts_a_receipt_for_any_offer(ledger: OfferLedger) -> None:
    await ledger.record_receipt("o1", "bubble_1_failed", T0, "no window")
    assert ledger.problem == ""
    assert await ledger.receipts(["o1"]) == [Receipt("o1", "bubble_1_failed", T0, "no window")]
    await ledger.close()


@asynchronous
async def test_returns_receipts_of_the_given_offers_in_order_of_arrival(
    ledger: OfferLedger,
) -> None:
    for number, offer_id in enumerate(("o2", "o1", "o3", "o2")):
        await ledger.record_receipt(offer_id, f"event {number}", T0 - number)
    told = await ledger.receipts(["o1", "o2", "unknown"])
    assert [(receipt.offer_id, receipt.event) for receipt in told] == [
        ("o2", "event 0"),
        ("o1", "event 1"),
        ("o2", "event 3"),
    ]
    assert await ledger.receipts([]) == []
    await ledger.close()


@asynchronous
async def test_finds_the_decisions_about_users_since_a_time(ledger: OfferLedger) -> None:
    withheld = {"status": OfferStatus.WITHHELD, "arm": Arm.CONTROL, "golden_path": "bulk"}
    for one in (
        offer("old", -10),
        offer("shown", 1, golden_path="bulk"),
        offer("withheld", 2, user_id="u2", **withheld),
        offer("others", 3, user_id="u3"),
        offer("foreign", 4, product_id="other"),
    ):
        await ledger.save(one)
    await ledger.record_receipt("shown", "failed_after", T0 + 5, "Rage click on Save")
    await ledger.record_receipt("shown", "failed_after", T0 + 6, "Rage click on Save")
    await ledger.record_receipt("withheld", "goal_reached", T0 + 7)
    assert await ledger.decisions_since([("demo", "u1"), ("demo", "u2"), ("demo", "nobody")], T0) == {
        ("demo", "u1"): [PastDecision("shown", "t1", "bulk", T0 + 1, False, (T0 + 5, T0 + 6))],
        ("demo", "u2"): [PastDecision("withheld", "t1", "bulk", T0 + 2, True)],
    }
    assert await ledger.decisions_since([("demo", "nobody")], T0) == {}
    await ledger.close()


@asynchronous
async def test_keeps_what_happens_once_once_and_failures_each(ledger: OfferLedger) -> None:
    await ledger.save(offer())
    for at in (1.0, 1.0, 2.0):
        for event in ("seen", "goal_reached", "failed_after"):
            await ledger.record_receipt("o1", event, T0 + at)
    kept = [(receipt.event, receipt.at - T0) for receipt in await ledger.receipts(["o1"])]
    assert kept == [("seen", 1), ("goal_reached", 1), ("failed_after", 1), ("failed_after", 2)]
    await ledger.close()


@asynchronous
async def test_accepted_is_kept_once_for_each_button(ledger: OfferLedger) -> None:
    await ledger.save(offer())
    for at, button in enumerate(("", "", "show_me", "", "show_me", "open_chat", "show_me")):
        await ledger.record_receipt("o1", "accepted", T0 + at, button)
    kept = [(receipt.at - T0, receipt.detail) for receipt in await ledger.receipts(["o1"])]
    assert kept == [(0, "show_me"), (5, "open_chat")]
    await ledger.close()
