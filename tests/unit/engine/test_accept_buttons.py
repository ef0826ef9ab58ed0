"""A receipt says with which button an offer was accepted, exactly once for each button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from support.engine_parts import EngineParts, action, batch, predicate_trigger, tour_path
from support.run import asynchronous

from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.offers.timeline import OfferTimeline
from rasa_autoplay.engine.tours.problems import TourProblems
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.link.messages import ChatDelivery


@only_events
def acts(ctx: ProactiveTriggerContext) -> bool:
    return bool(ctx.recent_actions)


class User:
    """A user with one offer, whose browser reports what they press."""

    def __init__(self, folder: Path, *replies: str) -> None:
        trigger = predicate_trigger(acts, golden_path="bulk", reply_options=list(replies))
        self.engine = EngineParts(folder, [trigger], paths=[tour_path()])
        made = self.engine
        self.calls = BrowserCalls(
            made.settings,
            [trigger],
            made.lifecycle,
            made.open_offers,
            made.ledger,
            made.tours,
            None,
            made.follower,
            made.clock,
            TourProblems(),
        )
        self.offer: Offer

    async def __aenter__(self) -> User:
        await self.engine.take(batch(action("Look", 0)))
        self.offer = self.engine.open_offer()
        await self.engine.reported(self.offer, "rendered")
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.engine.__aexit__(*failure)

    async def reports(self, button: str = "") -> None:
        self.engine.clock.now += 1
        await self.calls.acknowledge(self.offer.offer_id, "accepted", "u1", button)

    async def starts_tour(self) -> None:
        self.engine.clock.now += 1
        await self.calls.start_tour("u1", "bulk", self.offer.offer_id)

    async def leaves_tour(self) -> None:
        self.engine.clock.now += 1
        await self.calls.end_tour("u1", "left", "one")

    async def opens_chat(self, failed_step: str = "") -> None:
        self.engine.clock.now += 1
        await self.calls.prepare_inject("u1", "t1", self.offer.offer_id, failed_step)

    async def reads_steps(self, failed_step: str = "") -> None:
        self.engine.clock.now += 1
        await self.calls.explain_steps("u1", "t1", self.offer.offer_id, failed_step)

    async def pressed(self) -> list[str]:
        found = await self.engine.ledger.receipts([self.offer.offer_id])
        return [receipt.detail for receipt in found if receipt.event == "accepted"]


@pytest.fixture
def user(tmp_path: Path) -> Callable[..., User]:
    return lambda *replies: User(tmp_path, *replies)


MakeUser = Callable[..., User]


@pytest.mark.parametrize("is_told_first", [True, False])
@pytest.mark.parametrize("says_button", [True, False])
@asynchronous
async def test_show_me(user: MakeUser, is_told_first: bool, says_button: bool) -> None:
    """Also from a front end of a team's own, which names no button."""
    async with user() as her:
        report = partial(her.reports, "show_me" if says_button else "")
        steps: list[Callable[[], Awaitable[None]]] = [report, her.starts_tour]
        for step in steps if is_told_first else reversed(steps):
            await step()
        assert await her.pressed() == ["show_me"]


@asynchronous
async def test_tour_that_cannot_start_or_go_on_is_still_show_me(user: MakeUser) -> None:
    async with user() as her:
        await her.reports("show_me")
        await her.opens_chat(failed_step="one")
        await her.reads_steps(failed_step="one")
        assert await her.pressed() == ["show_me"]


@pytest.mark.parametrize("is_told_first", [True, False])
@pytest.mark.parametrize("says_button", [True, False])
@asynchronous
async def test_open_chat(user: MakeUser, is_told_first: bool, says_button: bool) -> None:
    async with user() as her:
        report = partial(her.reports, "open_chat" if says_button else "")
        steps: list[Callable[[], Awaitable[None]]] = [report, her.opens_chat, her.opens_chat]
        for step in steps if is_told_first else reversed(steps):
            await step()
        assert await her.pressed() == ["open_chat"]


@pytest.mark.parametrize("is_told_first", [True, False])
@pytest.mark.parametrize("button", ["reply", "open_chat"])
@asynchronous
async def test_page_tells_a_reply_from_open_chat(user: MakeUser, is_told_first: bool, button: str) -> None:
    async with user("Compare plans") as her:
        steps: list[Callable[[], Awaitable[None]]] = [partial(her.reports, button), her.opens_chat]
        for step in steps if is_told_first else reversed(steps):
            await step()
        assert await her.pressed() == [button]


@asynchronous
async def test_button_stays_unknown_if_it_can_be_either_and_no_page_tells(user: MakeUser) -> None:
    async with user("Compare plans") as her:
        await her.reports()
        await her.opens_chat()
        assert await her.pressed() == [""]


@asynchronous
async def test_repeated_reports_count_once(user: MakeUser) -> None:
    async with user() as her:
        for _ in range(3):
            await her.reports("show_me")
            await her.starts_tour()
        assert await her.pressed() == ["show_me"]


@asynchronous
async def test_undone_acceptance_keeps_its_receipt_and_another_way_gets_its_own(user: MakeUser) -> None:
    async with user() as her:
        await her.reports("show_me")
        await her.starts_tour()
        await her.leaves_tour()
        offer = await her.engine.ledger.get(her.offer.offer_id)
        assert offer is not None
        assert offer.status is OfferStatus.SEEN
        await her.starts_tour()
        assert await her.pressed() == ["show_me"], "the same button again"
        await her.leaves_tour()
        await her.opens_chat()
        failed = ChatDelivery(her.offer.offer_id, 1, "failed", "u1")
        await her.engine.lifecycle.record_chat_delivery(failed, her.engine.clock())
        await her.opens_chat()
        assert await her.pressed() == ["show_me", "open_chat"]


@asynchronous
async def test_help_after_a_refusal_is_no_acceptance(user: MakeUser) -> None:
    async with user() as her:
        await her.engine.reported(her.offer, "dismissed")
        await her.opens_chat()
        assert await her.pressed() == []


@asynchronous
async def test_timeline_shows_the_button(user: MakeUser) -> None:
    async with user() as her:
        await her.reports("show_me")
        timeline = OfferTimeline("demo", her.engine.ledger, her.engine.open_offers)
        receipts = (await timeline.offer_life(her.offer.offer_id))["receipts"]
        assert [receipt.get("detail") for receipt in receipts] == [None, "show_me"]
