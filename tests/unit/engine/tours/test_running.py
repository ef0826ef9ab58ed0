"""Running tours: the user's actions reach their browsers, and an aborted tour does not accept the offer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import EngineParts, action, batch, predicate_trigger, tour_path
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.tours.running import GIVEN_UP_AFTER_S
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext

MakeEngine = Callable[..., EngineParts]


def _step(step_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": step_id,
        "title": step_id.title(),
        "element": f"#{step_id}",
        "text": f"Press {step_id}.",
        "done_when": {"element_id": step_id},
        **more,
    }


BULK: dict[str, Any] = {
    "id": "bulk",
    "title": "Bulk edit",
    "page": "/projects",
    "steps": [_step("menu"), _step("rows", done_when={"element_id": "row-*"}), _step("apply")],
}


@only_events
def _asks_for_help(ctx: ProactiveTriggerContext) -> bool:
    return any(a.title == "help" for a in ctx.recent_actions)


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    def build(*paths: GoldenPath) -> EngineParts:
        helper = predicate_trigger(_asks_for_help, golden_path="bulk")
        return EngineParts(tmp_path, [helper], paths=paths or [GoldenPath.parse_obj(BULK)])

    return build


async def _press(made: EngineParts, element_id: str, at: float) -> None:
    await made.take(batch(action(f"Click {element_id}", at, element_id=element_id)))


async def _offer(made: EngineParts, at: float = 0.0) -> Offer:
    await made.listen()
    await made.take(batch(action("help", at)))
    offer = made.open_offer()
    await made.reported(offer, "rendered")
    return offer


async def _start(made: EngineParts, offer_id: str = "") -> list[str]:
    tour = made.tours.resolve("bulk")
    assert tour is not None
    return await made.lifecycle.tour_started("u1", tour, made.clock(), offer_id)


def _progress(made: EngineParts) -> list[dict[str, Any]]:
    frames = [frame for _, frame in made.publisher.pushed if frame.event == "tour_progress"]
    assert all(frame.user_id == "u1" and not frame.id for frame in frames)
    return [data for data in made.publisher.toasts if "complete" in data]


@asynchronous
async def test_sends_the_steps_that_the_user_does_to_their_feeds(engine: MakeEngine) -> None:
    async with engine() as made:
        await _offer(made)
        assert await _start(made) == []
        await _press(made, "menu", 1)
        await _press(made, "row-7", 2)
        await _press(made, "elsewhere", 3)
        await _press(made, "apply", 4)
        assert _progress(made) == [
            {"tour_id": "bulk", "done": ["menu"], "complete": False},
            {"tour_id": "bulk", "done": ["rows"], "complete": False},
            {"tour_id": "bulk", "done": ["apply"], "complete": True},
        ]


@asynchronous
async def test_names_the_next_step_after_one_that_only_the_chat_explains(engine: MakeEngine) -> None:
    priority = {
        "id": "priority",
        "text": "Choose.",
        "done_when": {"element_id": "priority"},
        "optional": True,
    }
    menu, rows, apply = BULK["steps"]
    path = GoldenPath.parse_obj({**BULK, "steps": [menu, rows, priority, apply]})
    async with engine(path) as made:
        await _offer(made)
        await _start(made)
        await _press(made, "row-1", 1)
        await _press(made, "priority", 2)
        assert _progress(made)[1:] == [
            {"tour_id": "bulk", "done": ["priority"], "complete": False, "next": "apply"}
        ]


@asynchronous
async def test_any_way_does_a_step_and_several_things_do_not_lead_back(engine: MakeEngine) -> None:
    menu, rows, apply = BULK["steps"]
    rows = {**rows, "several": True, "any": [{"element": "#all", "done_when": {"element_id": "all"}}]}
    async with engine(GoldenPath.parse_obj({**BULK, "steps": [rows, menu, apply]})) as made:
        await _offer(made)
        await _press(made, "all", 1)
        await _press(made, "row-1", 2)
        assert await _start(made) == ["rows"]
        for at, element_id in enumerate(("menu", "row-1", "all", "apply"), 3):
            await _press(made, element_id, at)
        assert [(each["done"], each["complete"]) for each in _progress(made)] == [
            (["menu"], False),
            (["rows"], False),
            (["rows"], False),
            (["apply"], True),
        ]
        progress = made.follower.workflow_progress(await made.session())
        assert progress is not None
        assert progress.positions["bulk"].finished


@asynchronous
async def test_sends_nothing_before_the_tour_and_after_it(engine: MakeEngine) -> None:
    async with engine() as made:
        await _offer(made)
        await _press(made, "menu", 1)
        await _start(made)
        await made.lifecycle.tour_ended("u1", made.clock(), "finished")
        await _press(made, "apply", 2)
        assert _progress(made) == []


@asynchronous
async def test_sends_nothing_about_another_user(engine: MakeEngine) -> None:
    async with engine() as made:
        await _offer(made)
        await made.listen("u2", "f2")
        await _start(made)
        press = action("Click menu", 1, element_id="menu")
        await made.take(batch(press, user="u2", session="s2"))
        assert _progress(made) == []


@asynchronous
async def test_a_failure_is_not_progress(engine: MakeEngine) -> None:
    async with engine() as made:
        await _offer(made)
        await _start(made)
        await made.take(batch(action("Click menu", 1, element_id="menu", signal="dead_click")))
        assert _progress(made) == []


@asynchronous
async def test_a_start_returns_the_steps_of_the_attempt_that_is_under_way(engine: MakeEngine) -> None:
    async with engine() as made:
        await _offer(made)
        await _press(made, "menu", 1)
        await _press(made, "row-1", 2)
        assert await _start(made) == ["menu", "rows"]


@asynchronous
async def test_a_start_ignores_an_attempt_that_was_completed(engine: MakeEngine) -> None:
    async with engine() as made:
        await _offer(made)
        for at, element_id in enumerate(("menu", "row-1", "apply"), 1):
            await _press(made, element_id, at)
        assert await _start(made) == []
        await _press(made, "row-2", 5)
        assert _progress(made) == [{"tour_id": "bulk", "done": ["rows"], "complete": False}]


@asynchronous
async def test_a_path_without_done_when_sends_nothing(engine: MakeEngine) -> None:
    async with engine(tour_path()) as made:
        await _offer(made)
        assert await _start(made) == []
        await _press(made, "one", 1)
        assert _progress(made) == []


async def _receipts(made: EngineParts, offer: Offer) -> list[tuple[str, str]]:
    return [(each.event, each.detail) for each in await made.ledger.receipts([offer.offer_id])]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("finished", OfferStatus.ACCEPTED),
        ("missing", OfferStatus.ACCEPTED),
        ("left", OfferStatus.SEEN),
        ("elsewhere", OfferStatus.SEEN),
    ],
)
@asynchronous
async def test_only_an_aborted_tour_does_not_count_as_accepted(
    engine: MakeEngine, outcome: str, status: OfferStatus
) -> None:
    async with engine() as made:
        offer = await _offer(made)
        await _start(made, offer.offer_id)
        await made.lifecycle.tour_ended("u1", made.clock(), outcome, "rows")
        assert [each.status for each in await made.offers()] == [status]
        assert (f"tour_{outcome}", "rows") in await _receipts(made, offer)


@asynchronous
async def test_a_tour_without_news_is_given_up_at_its_last_step(engine: MakeEngine) -> None:
    async with engine() as made:
        offer = await _offer(made)
        await _start(made, offer.offer_id)
        await made.lifecycle.tour_stepped("u1", made.clock(), "apply")
        await made.at(GIVEN_UP_AFTER_S - 1)
        assert [each.status for each in await made.offers()] == [OfferStatus.ACCEPTED]
        await made.at(GIVEN_UP_AFTER_S + 1)
        assert ("tour_left", "apply") in await _receipts(made, offer)
        assert [each.status for each in await made.offers()] != [OfferStatus.ACCEPTED]


@asynchronous
async def test_a_tour_that_continues_is_accepted_again(engine: MakeEngine) -> None:
    async with engine() as made:
        offer = await _offer(made)
        await _start(made, offer.offer_id)
        await made.lifecycle.tour_ended("u1", made.clock(), "elsewhere", "rows")
        await _start(made, offer.offer_id)
        assert [each.status for each in await made.offers()] == [OfferStatus.ACCEPTED]


@asynchronous
async def test_an_offer_of_another_user_is_not_accepted_by_a_tour(engine: MakeEngine) -> None:
    async with engine() as made:
        offer = await _offer(made)
        tour = made.tours.resolve("bulk")
        assert tour is not None
        await made.lifecycle.tour_started("u2", tour, made.clock(), offer.offer_id)
        assert [each.status for each in await made.offers()] == [OfferStatus.RENDERED]
