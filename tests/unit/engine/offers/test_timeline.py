"""What happened to an offer, step by step with times, for one user's offers and for one offer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, EngineParts, action, batch, predicate_trigger
from support.run import asynchronous

from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.offers.timeline import OfferTimeline
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.link.base import EngineRefused


@only_events
def asks(ctx: ProactiveTriggerContext) -> bool:
    return any(each.title == "help" for each in ctx.recent_actions)


def lives_of(made: EngineParts) -> OfferTimeline:
    return OfferTimeline("demo", made.ledger, made.open_offers)


MakeEngine = Callable[[], EngineParts]


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    return lambda: EngineParts(tmp_path, [predicate_trigger(asks, "helper")])


async def refusal(asking: Any) -> EngineRefused:
    with pytest.raises(EngineRefused) as refused:
        await asking
    return refused.value


@asynchronous
async def test_each_step_has_its_time_even_after_a_restart(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await made.take(batch(action("help", 0)))
        offer = made.open_offer()
        assert (await lives_of(made).offer_life(offer.offer_id))["life"] == {"queued": T0}
        await made.at(1)
        await made.delivered(offer)
        assert (await lives_of(made).offer_life(offer.offer_id))["status"] == "sent", "known at once"
        for at, event in ((2, "rendered"), (3.25, "seen"), (7, "timed_out"), (9, "accepted")):
            await made.at(at)
            await made.reported(offer, event)
        await made.ledger.record_receipt(offer.offer_id, "bubble_1_delivered", T0 + 9.5)
        await made.ledger.record_receipt(offer.offer_id, "bubble_2_dropped", T0 + 10, "the user wrote first")
        again = await made.restarted()
        told = await lives_of(again).offer_life(offer.offer_id)
        await again.ledger.close()
    assert told["status"] == "accepted"
    assert told["life"] == {
        "queued": T0,
        "sent": T0 + 1,
        "rendered": T0 + 2,
        "seen": T0 + 3.25,
        "accepted": T0 + 9,
    }
    assert [(receipt["event"], receipt["at"] - T0) for receipt in told["receipts"]] == [
        ("rendered", 2),
        ("seen", 3.25),
        ("timed_out", 7),
        ("accepted", 9),
    ]
    assert told["bubbles"] == [
        {"bubble": 1, "fate": "delivered", "at": T0 + 9.5, "detail": ""},
        {"bubble": 2, "fate": "dropped", "at": T0 + 10, "detail": "the user wrote first"},
    ]
    assert (told["trigger_id"], told["user_id"], told["session_id"]) == ("helper", "u1", "s1")
    assert told["body"] == "May I, for helper?"


@asynchronous
async def test_offer_without_receipts_is_rendered_and_never_seen(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await made.take(batch(action("help", 0)))
        offer = made.open_offer()
        await made.delivered(offer)
        await made.at(130)
        told = await lives_of(made).offer_life(offer.offer_id)
        assert told["life"] == {"queued": T0, "sent": T0, "rendered": T0 + 2, "expired": T0 + 120}


@asynchronous
async def test_offer_is_only_sent_when_the_user_left_before_it_showed(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await made.take(batch(action("help", 0)))
        offer = made.open_offer()
        await made.delivered(offer)
        made.presence.closed("d1", "f1")
        await made.at(5)
        again = await made.restarted()
        told = await lives_of(again).offer_life(offer.offer_id)
        assert (told["status"], told["life"]) == ("queued", {"queued": T0, "sent": T0})
        await again.ledger.close()


@asynchronous
async def test_returns_a_users_offers_newest_first_up_to_the_limit(engine: MakeEngine) -> None:
    async with engine() as made:
        for number in range(3):
            await made.take(batch(action("help", number * 200), session=f"s{number}"))
            await made.at(number * 200 + 190)
        await made.take(batch(action("help", 580), user="u2", session="other"))
        told = await lives_of(made).offers_of_user("demo", "u1", 2)
        assert [offer["session_id"] for offer in told] == ["s2", "s1"]
        assert all(offer["user_id"] == "u1" for offer in told)
        assert await lives_of(made).offers_of_user("demo", "nobody", 2) == []


@asynchronous
async def test_rejects_unknown_offers(engine: MakeEngine) -> None:
    async with engine() as made:
        assert (await refusal(lives_of(made).offer_life("unknown"))).kind == "not_found"
        assert (await refusal(lives_of(made).offers_of_user("other", "u1", 2))).kind == "not_found"


@asynchronous
async def test_reports_an_unreachable_database_instead_of_no_offers(tmp_path: Path) -> None:
    ledger = SqlOfferLedger(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    async with EngineParts(tmp_path, [], ledger=ledger) as made:
        assert (await refusal(lives_of(made).offer_life("o1"))).kind == "unavailable"
        assert (await refusal(lives_of(made).offers_of_user("demo", "u1", 2))).kind == "unavailable"
