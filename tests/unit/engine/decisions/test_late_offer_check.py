"""An offer that found no open feed: is it still welcome when one opens?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import PROJECTS, T0, EngineParts, action, batch, predicate_trigger, save, settings
from support.rules import KnownFollower, KnownPaths, triggers
from support.run import asynchronous, passes

from example_bot.triggers import bulk_edit_opportunity
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.user_progress import NextStep
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext

ELSEWHERE = "https://app.example.com/dashboard"
BULK_EDIT_RULE = """
  - id: bulk_edit_opportunity
    body: Shall I?
    when:
      all:
        - on_page: /projects
        - count: {title: save changes, page: /projects, at_least: 3, within: 120s}
        - never: {title: [bulk edit, apply to]}
"""
MakeEngine = Callable[..., EngineParts]


@pytest.fixture(params=["a rule", "a predicate", "an async predicate"])
def bulk_edit(request: pytest.FixtureRequest, tmp_path: Path) -> ConfiguredTrigger:
    if request.param == "a rule":
        return triggers(tmp_path, BULK_EDIT_RULE)[0]
    if request.param == "a predicate":
        return predicate_trigger(bulk_edit_opportunity, "bulk_edit_opportunity")

    async def awaited(ctx: ProactiveTriggerContext) -> bool:
        await asyncio.sleep(0)
        return bulk_edit_opportunity(ctx)

    return predicate_trigger(awaited, "bulk_edit_opportunity")


@pytest.fixture
def engine(tmp_path: Path, bulk_edit: ConfiguredTrigger) -> MakeEngine:
    def build(*others: ConfiguredTrigger, **options: Any) -> EngineParts:
        return EngineParts(tmp_path, [bulk_edit, *others], **options)

    return build


async def three_saves(made: EngineParts) -> None:
    """Trigger the offer while no feed is open."""
    for at in (0, 30, 60):
        await made.at(at)
        await made.take(batch(save(at)))
    assert made.open_offer().awaits_rendering


async def does(made: EngineParts, title: str, page: str = PROJECTS, session: str = "s1") -> None:
    await made.take(batch(action(title, made.clock.now - T0, page), session=session))


async def statuses(made: EngineParts) -> list[OfferStatus]:
    return [offer.status for offer in await made.offers()]


@asynchronous
async def test_delivers_to_a_user_who_is_still_on_the_page(engine: MakeEngine) -> None:
    async with engine() as made:
        await three_saves(made)
        await made.at(65)
        await does(made, "Click Filter")
        await made.listen()
        assert len(made.publisher.toasts) == 1


@asynchronous
async def test_does_not_withdraw_because_time_has_passed(engine: MakeEngine) -> None:
    """The first save is older than 120 s by now; the offer is valid for another second."""
    async with engine() as made:
        await three_saves(made)
        await made.at(179)
        await made.listen()
        assert len(made.publisher.toasts) == 1


@pytest.mark.parametrize("session", ["s1", "s2"])
@asynchronous
async def test_withdraws_uncharged_when_the_user_left_the_page(engine: MakeEngine, session: str) -> None:
    async with engine() as made:
        await three_saves(made)
        await made.at(65)
        await does(made, "View dashboard", ELSEWHERE, session)
        await made.listen()
        assert made.publisher.pushed == []
        (offer,) = await made.offers()
        assert (offer.status, offer.rendered_at, offer.closed_at) == (OfferStatus.EXPIRED, 0.0, T0 + 65)
        assert made.open_offers.counts == {"offers_withdrawn": 1}, "this is not an offer that nobody heard"
        (receipt,) = await made.ledger.receipts([offer.offer_id])
        assert (receipt.event, receipt.detail) == ("withdrawn", "its trigger no longer fires")
        assert (await made.session()).may_be_offered(), "no cooldown runs"


@asynchronous
async def test_withdraws_when_the_user_found_the_feature(engine: MakeEngine) -> None:
    async with engine() as made:
        await three_saves(made)
        await made.at(65)
        await does(made, "Click Bulk edit")
        await made.listen()
        assert await statuses(made) == [OfferStatus.EXPIRED]


@asynchronous
async def test_delivers_when_the_user_returned_to_the_page(engine: MakeEngine) -> None:
    async with engine() as made:
        await three_saves(made)
        await made.at(65)
        await does(made, "View dashboard", ELSEWHERE)
        await made.at(70)
        await does(made, "View projects")
        await made.listen()
        assert len(made.publisher.toasts) == 1


@asynchronous
async def test_withdrawn_offer_does_not_block_another(engine: MakeEngine) -> None:
    @only_events
    def on_the_dashboard(ctx: ProactiveTriggerContext) -> bool:
        return ctx.canonical_urls[-1] == ELSEWHERE

    async with engine(predicate_trigger(on_the_dashboard, "dashboard")) as made:
        await three_saves(made)
        await made.at(65)
        await does(made, "View dashboard", ELSEWHERE)
        await made.listen()
        assert [toast["trigger_id"] for toast in made.publisher.toasts] == ["dashboard"]


@asynchronous
async def test_second_offer_is_checked_by_its_own_evidence(engine: MakeEngine) -> None:
    async with engine(configuration=settings(courtesy={"after_accepted": 0})) as made:
        await three_saves(made)
        await made.reported(made.open_offer(), "accepted")
        for at in (100, 101, 102):
            await made.at(at)
            await made.take(batch(save(at)))
        assert made.open_offer().awaits_rendering
        await made.listen()
        assert len(made.publisher.toasts) == 1


@asynchronous
async def test_restarted_engine_without_the_evidence_delivers(engine: MakeEngine) -> None:
    async with engine() as made:
        await three_saves(made)
        again = await made.restarted()
        async with again:
            await again.listen()
            assert len(again.publisher.toasts) == 1


@asynchronous
async def test_restarted_engine_with_replayed_evidence_checks(engine: MakeEngine) -> None:
    async with engine() as made:
        await three_saves(made)
        again = await made.restarted()
        async with again:
            await again.take(batch(save(0), save(30), save(60)))
            again.clock.now += 5
            await does(again, "View dashboard", ELSEWHERE)
            await again.listen()
            assert again.publisher.toasts == []
            assert await statuses(again) == [OfferStatus.EXPIRED]


@asynchronous
async def test_withdraws_offers_of_removed_triggers(tmp_path: Path, engine: MakeEngine) -> None:
    async with engine() as made:
        await three_saves(made)
        await made.ledger.close()
        async with EngineParts(tmp_path, [], made.clock) as other:
            await other.open_offers.restore(other.clock())
            await other.listen()
            assert other.publisher.toasts == []
            assert await statuses(other) == [OfferStatus.EXPIRED]


@asynchronous
async def test_replaces_an_offer_whose_trigger_now_names_another_workflow(tmp_path: Path) -> None:
    paths = [
        GoldenPath.parse_obj({"id": i, "title": i, "page": "/", "steps": [{"id": "one", "text": "Do."}]})
        for i in ("export", "invite-team")
    ]
    known = KnownPaths(next_step=NextStep("export", "export", "missed", "one", "…"))
    entries = triggers(tmp_path, "  - {builtin: next_step}\n")
    async with EngineParts(tmp_path, entries, paths=paths, follower=KnownFollower(None, known)) as made:
        await does(made, "View")
        assert made.open_offer().golden_path == "export"
        known.next_step = NextStep("invite-team", "invite-team", "missed", "one", "…")
        made.clock.now += 1
        await does(made, "View again")
        await made.listen()
        (toast,) = made.publisher.toasts
        assert "“invite-team”" in toast["body"]


@asynchronous
async def test_slow_trigger_does_not_hold_the_session_lock(tmp_path: Path) -> None:
    gate = asyncio.Event()
    gate.set()

    async def slow(_ctx: ProactiveTriggerContext) -> bool:
        await gate.wait()
        return True

    async with EngineParts(tmp_path, [predicate_trigger(slow, "slow")]) as made:
        await does(made, "View")
        gate.clear()
        listening = asyncio.ensure_future(made.listen())
        await passes()
        await made.core.updater.apply(batch(action("View", 1), user="u2", session="s2"), "capture", T0 + 1)
        assert not listening.done()
        gate.set()
        await listening
        assert [toast["trigger_id"] for toast in made.publisher.toasts] == ["slow"]
