"""A paused trigger makes no offers, and those that wait are withdrawn."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.engine_parts import T0, EngineParts, action, batch, predicate_trigger
from support.run import asynchronous

from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER, Pause
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.settings.rollout import RolloutSettings


def made(tmp_path: Path, **options: Any) -> EngineParts:
    triggers = [predicate_trigger(_ends_with(name), name) for name in ("rage", "stall")]
    return EngineParts(tmp_path, triggers, **options)


def _ends_with(name: str) -> Any:
    return lambda ctx: ctx.recent_actions[-1].title.endswith(name)


def pause(engine: EngineParts, trigger: str = "rage") -> None:
    engine.pauses.know({trigger: Pause(trigger, T0, "Ann", "wrong words")})


def resume(engine: EngineParts) -> None:
    engine.pauses.know({})


async def clicks(engine: EngineParts, name: str, user: str = "u1") -> None:
    now = engine.clock.now - T0
    await engine.take(batch(action(f"Click {name}", now), user=user, session=f"s_{user}"))


@pytest.mark.parametrize("paused", ["rage", EVERY_TRIGGER])
@asynchronous
async def test_paused_trigger_makes_no_offer_until_it_is_resumed(tmp_path: Path, paused: str) -> None:
    async with made(tmp_path) as engine:
        pause(engine, paused)
        await engine.listen()
        await clicks(engine, "rage")
        assert await engine.offers() == []
        assert engine.decisions[-1].gate == "paused"
        assert engine.decisions[-1].detail.startswith("Ann paused")
        resume(engine)
        await engine.at(6)
        assert [offer.trigger_id for offer in await engine.offers()] == ["rage"]


@asynchronous
async def test_other_triggers_still_make_offers(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        pause(engine)
        await clicks(engine, "stall")
        assert [offer.trigger_id for offer in await engine.offers()] == ["stall"]


@asynchronous
async def test_does_not_read_the_database_for_a_paused_trigger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with made(tmp_path) as engine:
        pause(engine)
        monkeypatch.setattr(engine.ledger, "history", None)
        await clicks(engine, "rage")
        assert engine.core.counts["held_by_paused"] == 1


@asynchronous
async def test_withdraws_an_offer_that_waits_for_a_tab(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        await clicks(engine, "rage")
        await clicks(engine, "stall", "u2")
        pause(engine)
        await engine.core.paused_offers.withdraw()
        (offer,) = await engine.offers()
        assert (offer.status, offer.rendered_at) == (OfferStatus.EXPIRED, 0.0)
        (receipt,) = await engine.ledger.receipts([offer.offer_id])
        assert (receipt.event, receipt.detail) == (
            "withdrawn",
            "Ann paused rage on 2023-11-14 at 22:13:20 UTC: wrong words",
        )
        await engine.listen()
        assert engine.publisher.pushed == []
        assert engine.open_offer("u2").awaits_rendering, "that trigger is not paused"


@asynchronous
async def test_withdraws_a_withheld_offer_in_the_same_way(tmp_path: Path) -> None:
    rollout = RolloutSettings.validate("ghost")
    trigger = predicate_trigger(_ends_with("rage"), "rage", rollout=rollout)
    async with EngineParts(tmp_path, [trigger]) as engine:
        await clicks(engine, "rage")
        pause(engine)
        await engine.core.paused_offers.withdraw()
        (offer,) = await engine.offers()
        assert (offer.status, offer.rendered_at, offer.closed_at) == (
            OfferStatus.WITHHELD,
            0.0,
            engine.clock.now,
        )
        await engine.listen()
        assert not engine.open_offers.is_waiting("u1")


@asynchronous
async def test_takes_a_frame_back_from_every_gateway_that_has_it(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        await engine.listen(feed="f1", gateway="d1")
        await engine.listen(feed="f2", gateway="d2")
        await clicks(engine, "rage")
        pause(engine)
        await engine.core.paused_offers.withdraw()
        (offer,) = await engine.offers()
        taken_back = [
            (gateway, frame.id) for gateway, frame in engine.publisher.pushed if frame.is_withdrawal
        ]
        assert sorted(taken_back) == [("d1", offer.offer_id), ("d2", offer.offer_id)]


@asynchronous
async def test_leaves_a_toast_that_was_sent(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        await engine.listen()
        await clicks(engine, "rage")
        await engine.delivered(engine.open_offer())
        pause(engine)
        await engine.core.paused_offers.withdraw()
        assert engine.open_offer().status is OfferStatus.SENT


@asynchronous
async def test_charges_a_toast_that_was_withdrawn_while_it_was_shown(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        await engine.listen()
        await clicks(engine, "rage")
        pause(engine)
        await engine.core.paused_offers.withdraw()
        (offer,) = await engine.offers()
        await engine.reported(offer, "rendered")
        (stored,) = await engine.offers()
        assert (stored.status, stored.rendered_at) == (OfferStatus.EXPIRED, engine.clock.now)
        await engine.reported(offer, "dismissed")
        assert (await engine.offers())[0].status is OfferStatus.DISMISSED


@asynchronous
async def test_does_not_send_an_offer_that_was_withdrawn_while_it_was_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with made(tmp_path) as engine:
        await engine.listen()
        may_store = asyncio.Event()
        save = engine.ledger.save

        async def slow(offer: Offer) -> bool:
            await may_store.wait()
            return await save(offer)

        monkeypatch.setattr(engine.ledger, "save", slow)
        deciding = asyncio.create_task(clicks(engine, "rage"))
        await eventually(lambda: len(engine.open_offers) == 1, what="the offer")
        pause(engine)
        withdrawing = asyncio.create_task(engine.core.paused_offers.withdraw())
        await eventually(lambda: len(engine.open_offers) == 0, what="its withdrawal")
        may_store.set()
        await asyncio.gather(deciding, withdrawing)
        assert engine.publisher.pushed == []


@asynchronous
async def test_withdraws_after_a_restart_too(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        await clicks(engine, "rage")
        again = await engine.restarted()
    async with again:
        pause(again)
        await again.listen()
        assert again.publisher.pushed == [], "the gate is closed before the offer is withdrawn"
        await again.core.paused_offers.withdraw()
        assert [offer.status for offer in await again.offers()] == [OfferStatus.EXPIRED]


@asynchronous
async def test_explanation_of_a_toast_on_the_page_mentions_the_pause_too(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        await engine.listen()
        await clicks(engine, "rage")
        await engine.reported(engine.open_offer(), "rendered")
        pause(engine)
        text = (await engine.explainer.explain("u1"))["triggers"][0]["text"]
        assert text.startswith("It fired 0s ago; its offer is rendered. Now it is paused: Ann paused rage on")


@asynchronous
async def test_explanation_names_who_paused_when_and_why(tmp_path: Path) -> None:
    async with made(tmp_path) as engine:
        pause(engine)
        await clicks(engine, "rage")
        rage, stall = (await engine.explainer.explain("u1"))["triggers"]
        who = "Ann paused rage on 2023-11-14 at 22:13:20 UTC: wrong words"
        assert (rage["outcome"], rage["text"]) == ("stopped", f"It fires, but it is paused: {who}.")
        gate = rage["gates"][0]
        assert gate == {"gate": "paused", "stops": True, "detail": who, "until_resumed": True}
        assert "paused" not in stall["text"]
        pause(engine, EVERY_TRIGGER)
        stall = (await engine.explainer.explain("u1"))["triggers"][1]
        assert stall["outcome"] == "not_near"
        assert stall["text"].startswith("It is paused: Ann paused all triggers on 2023-11-14")
        assert "It does not fire: " in stall["text"]
