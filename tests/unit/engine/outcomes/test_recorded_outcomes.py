"""Which outcomes are recorded for which change, in the same transaction, and once."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.engine_parts import T0, Clock
from support.outcomes import Outbound, an_offer, outbound
from support.run import asynchronous

from rasa_autoplay.engine.offers.offer import ORDERED
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.outcomes.outcome import offer_digest

BROKER: dict[str, Any] = {"event_broker": True}


def recorded(made: Outbound) -> list[dict[str, Any]]:
    """Return the recorded outcomes, in order."""
    rows = made.rows("SELECT body FROM autoplay_outcomes ORDER BY number")
    return [msgspec.json.decode(body) for (body,) in rows]


def types(made: Outbound) -> list[str]:
    return [each["type"] for each in recorded(made)]


@asynchronous
async def test_tells_each_step_of_an_accepted_offer(tmp_path: Path) -> None:
    clock = Clock()
    async with outbound(tmp_path, clock, starts=False, **BROKER) as made:
        offer = await made.made()
        await made.becomes(offer, OfferStatus.SENT, OfferStatus.RENDERED, OfferStatus.SEEN)
        await made.says(offer, "rendered")
        await made.says(offer, "accepted", "open_chat")
        await made.becomes(offer, OfferStatus.ACCEPTED)
        await made.says(offer, "bubble_1_delivered")
        await made.says(offer, "bubble_2_delivered")
        await made.says(offer, "goal_reached")
        assert types(made) == [
            "offer.made",
            "offer.shown",
            "offer.seen",
            "offer.accepted",
            "chat.opened",
            "goal.reached",
        ]
        accepted = recorded(made)[3]
        assert accepted == {
            "id": accepted["id"],
            "type": "offer.accepted",
            "timestamp": accepted["timestamp"],
            "version": "1",
            "data": {
                "product_id": "demo",
                "user_id": "u1",
                "session_id": "s1",
                "offer": offer_digest(offer.offer_id),
                "trigger_id": "bulk_edit",
                "golden_path": "projects-bulk-edit",
                "page": "app.example.com/projects",
                "arm": "shown",
                "button": "open_chat",
            },
        }
        assert datetime.fromisoformat(accepted["timestamp"].replace("Z", "+00:00")).timestamp() == T0
        assert not any(offer.offer_id in str(each) for each in recorded(made)), "it could be answered with it"
        assert len({each["id"] for each in recorded(made)}) == 6


@pytest.mark.parametrize("end", ["dismissed", "snoozed", "never", "timed_out", "expired"])
@asynchronous
async def test_tells_how_an_offer_ends(tmp_path: Path, end: str) -> None:
    async with outbound(tmp_path, Clock(), starts=False, **BROKER) as made:
        offer = await made.made()
        await made.becomes(offer, OfferStatus.RENDERED)
        await made.says(offer, end)
        await made.becomes(offer, OfferStatus(end))
        seen = ["offer.seen"] if end in ("dismissed", "snoozed", "never") else []
        assert types(made) == ["offer.made", "offer.shown", *seen, f"offer.{end}"]


@asynchronous
async def test_tells_what_users_without_the_offer_do(tmp_path: Path) -> None:
    async with outbound(tmp_path, Clock(), starts=False, **BROKER) as made:
        offer = await made.withheld()
        offer.advance(OfferStatus.RENDERED, T0)
        await made.ledger.save(offer)
        await made.says(offer, "goal_reached")
        await made.ledger.record_receipt(offer.offer_id, "failed_after", T0 + 5, "Click Save")
        await made.ledger.record_receipt(offer.offer_id, "failed_after", T0 + 9, "Click Save")
        assert types(made) == ["offer.withheld", "goal.reached", "goal.failed_after", "goal.failed_after"]
        assert {each["data"]["arm"] for each in recorded(made)} == {"control"}
        assert recorded(made)[3]["data"]["failure"] == "Click Save"
        assert recorded(made)[2]["id"] != recorded(made)[3]["id"]


@pytest.mark.parametrize("how", ["finished", "left", "missing", "elsewhere"])
@asynchronous
async def test_tells_how_a_tour_ends_and_nothing_of_an_undone_acceptance(tmp_path: Path, how: str) -> None:
    clock = Clock()
    async with outbound(tmp_path, clock, starts=False, **BROKER) as made:
        offer = await made.made()
        await made.becomes(offer, OfferStatus.RENDERED, OfferStatus.ACCEPTED)
        await made.says(offer, "accepted", "show_me")
        await made.says(offer, f"tour_{how}", "apply")
        clock.now += 1_000
        assert offer.undo_acceptance(clock.now)
        await made.ledger.save(offer)
        assert types(made)[-2:] == ["offer.accepted", f"tour.{how}"]
        assert recorded(made)[-1]["data"]["step"] == "apply"


@asynchronous
async def test_an_ordered_tour_is_no_offer(tmp_path: Path) -> None:
    async with outbound(tmp_path, Clock(), starts=False, **BROKER) as made:
        offer = an_offer(at=T0)
        offer.trigger_id = ORDERED
        offer.advance(OfferStatus.ACCEPTED, T0)
        await made.ledger.save(offer)
        await made.says(offer, "accepted", "show_me")
        await made.says(offer, "tour_finished", "apply")
        assert types(made) == ["tour.finished"]


@asynchronous
async def test_records_a_repeated_change_once(tmp_path: Path) -> None:
    async with outbound(tmp_path, Clock(), starts=False, **BROKER) as made:
        offer = await made.made()
        await made.becomes(offer, OfferStatus.RENDERED, OfferStatus.DISMISSED)
        for _ in range(3):
            await made.ledger.save(offer)
            await made.says(offer, "dismissed")
            await made.says(offer, "bubble_1_failed", "no window")
        assert types(made) == ["offer.made", "offer.shown", "offer.seen", "offer.dismissed", "chat.failed"]


@asynchronous
async def test_waits_for_the_button_of_an_acceptance(tmp_path: Path) -> None:
    clock = Clock()
    async with outbound(tmp_path, clock, starts=False, **BROKER) as made:
        offer = await made.made()
        await made.says(offer, "accepted")
        (first,) = [each for each in recorded(made) if each["type"] == "offer.accepted"]
        assert "button" not in first["data"]
        fetched = await made.outcomes.broker_queue.fetch(0)
        assert [each.outcome["type"] for each in fetched.outcomes] == ["offer.made"]
        clock.now += 1
        await made.says(offer, "accepted", "open_chat")
        fetched = await made.outcomes.broker_queue.fetch(0)
        (accepted,) = [dict[str, Any](each.outcome) for each in fetched.outcomes]
        assert accepted["data"]["button"] == "open_chat"
        assert accepted["id"] == first["id"]


@asynchronous
async def test_an_outcome_that_was_sent_stays_as_it_was(tmp_path: Path) -> None:
    clock = Clock()
    async with outbound(tmp_path, clock, starts=False, **BROKER) as made:
        offer = await made.made()
        await made.says(offer, "accepted")
        clock.now += 3
        fetched = await made.outcomes.broker_queue.fetch(0)
        assert [each.outcome["type"] for each in fetched.outcomes] == ["offer.made", "offer.accepted"]
        await made.says(offer, "accepted", "open_chat")
        assert "button" not in recorded(made)[-1]["data"]


@asynchronous
async def test_writes_one_row_for_each_receiver_with_the_same_id(tmp_path: Path) -> None:
    every = {"webhook": {"url": "http://localhost:1/"}, "posthog": {"host": "http://localhost:1"}, **BROKER}
    async with outbound(tmp_path, Clock(), starts=False, **every) as made:
        await made.made()
        rows = made.rows("SELECT target, outcome_id FROM autoplay_outcomes ORDER BY number")
        assert [target for target, _ in rows] == ["webhook", "posthog", "event_broker"]
        assert len({outcome_id for _, outcome_id in rows}) == 1


@asynchronous
async def test_a_change_that_is_not_stored_has_no_outcome(tmp_path: Path) -> None:
    """Both are in one transaction: if the outcome cannot be written, the change is not, and the other way."""
    async with outbound(tmp_path, Clock(), starts=False, **BROKER) as made:
        first = await made.made()
        with sqlite3.connect(tmp_path / "autoplay.db") as other:
            other.execute("ALTER TABLE autoplay_outcomes RENAME TO elsewhere")
        offer = an_offer(at=T0)
        assert not await made.ledger.save(offer)
        assert not await made.ledger.record_receipt(first.offer_id, "accepted", T0, "show_me")
        with sqlite3.connect(tmp_path / "autoplay.db") as other:
            other.execute("ALTER TABLE elsewhere RENAME TO autoplay_outcomes")
        assert await made.ledger.get(offer.offer_id) is None
        assert types(made) == ["offer.made"]


@asynchronous
async def test_writes_nothing_when_switched_off(tmp_path: Path) -> None:
    async with outbound(tmp_path, Clock()) as made:
        offer = await made.made()
        await made.says(offer, "accepted", "show_me")
        tables = {name for (name,) in made.rows("SELECT name FROM sqlite_master")}
        assert not any("outcome" in name for name in tables)
        assert made.outcomes.health() == {}
        assert await made.outcomes.outbox.export("u1") == []
        assert await made.outcomes.outbox.forget("u1") == 0
