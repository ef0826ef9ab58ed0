"""Tours ordered by a source: for which user, when, and that each order is executed once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, EngineParts, action, batch, save, settings, tour_path
from support.run import asynchronous

from rasa_autoplay.engine.core import live_state
from rasa_autoplay.engine.decisions.tour_orders import MAX_AGE_S
from rasa_autoplay.engine.offers.offer import ASKED_FOR
from rasa_autoplay.engine.sessions.state import AgentStateV2
from rasa_autoplay.events.models import UsertourTrigger


class Parts(EngineParts):
    """An engine's parts and its tour orders."""

    def __init__(self, folder: Path) -> None:
        slow = tour_path("slow", interaction_timeout="100s")
        paths = [tour_path(), tour_path("flow", flow_id="ut_7", provider="usertour"), slow]
        super().__init__(folder, [], configuration=settings(), paths=paths)
        self.orders = self.core.tour_orders

    async def order(self, flow_id: str = "bulk", session: str = "s1", **fields: Any) -> None:
        fields.setdefault("product_id", "demo")
        await self.orders.follow(UsertourTrigger(flow_id, session, **fields), self.clock())

    def refused(self) -> dict[str, int]:
        assert not self.publisher.pushed
        return dict(self.orders.counts)

    async def state(self, session: str = "s1") -> AgentStateV2:
        found = await self.session(session)
        found.tick(self.tours.registry("demo", self.settings.session), self.clock())
        return found.state.current_state


@asynccontextmanager
async def here(folder: Path, *, listening: bool = True) -> AsyncIterator[Parts]:
    """Start the user's session, with their feed open or not."""
    made = Parts(folder)
    async with made:
        await made.take(batch(action("Look", 0)))
        if listening:
            await made.listen()
        yield made


@asynchronous
async def test_sends_a_tour_to_the_feed_and_makes_the_session_reactive(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        await made.order(reason="They are stuck.")
        ((gateway, frame),) = made.publisher.pushed
        assert (gateway, frame.user_id, frame.event, frame.id, frame.feed_ids) == (
            "d1",
            "u1",
            "tour",
            "",
            ["f1"],
        )
        (data,) = made.publisher.toasts
        (tour,) = data["tours"]
        assert (tour["id"], tour["provider"], tour["steps"][0]["element"]) == ("bulk", "driverjs", "#one")
        assert (data["session_id"], data["expires_at"], data["ordered"]) == ("s1", T0 + MAX_AGE_S, True)
        (offer,) = await made.offers()
        assert (offer.offer_id, offer.golden_path, offer.is_open) == (data["offer_id"], "bulk", False)
        assert await made.state() is AgentStateV2.REACTIVE
        assert made.orders.counts == {"tours_ordered": 1}


@asynchronous
async def test_finds_a_providers_flow_by_its_flow_id(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        await made.order("ut_7")
        (data,) = made.publisher.toasts
        (tour,) = data["tours"]
        assert (tour["id"], tour["flow_id"], tour["provider"]) == ("flow", "ut_7", "usertour")


@asynchronous
async def test_sends_one_frame_per_gateway_to_the_users_browsers(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        await made.listen(feed="f2")
        await made.listen(feed="f3", gateway="d2")
        await made.listen("u2", feed="f4")
        await made.order()
        assert [(gateway, frame.feed_ids) for gateway, frame in made.publisher.pushed] == [
            ("d1", ["f1", "f2"]),
            ("d2", ["f3"]),
        ]


@asynchronous
async def test_drops_a_tour_order_without_an_open_feed_and_accepts_it_again(tmp_path: Path) -> None:
    async with here(tmp_path, listening=False) as made:
        await made.order()
        assert made.refused() == {"tour_orders_with_nobody_here": 1}
        assert await made.state() is AgentStateV2.THINKING
        await made.listen()
        await made.order()
        assert made.orders.counts["tours_ordered"] == 1


@asynchronous
async def test_executes_a_repeated_order_once(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        for _ in range(3):
            await made.order()
        for _ in range(2):
            await made.order(forwarded_at=T0)
        assert made.orders.counts == {"tours_ordered": 2, "tour_orders_repeated": 3}


@asynchronous
async def test_ignores_a_late_order(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        await made.order(forwarded_at=T0 - MAX_AGE_S - 1)
        assert made.refused() == {"tour_orders_too_late": 1}


@asynchronous
async def test_does_not_disturb_a_running_tour(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        tour = made.tours.resolve("slow")
        assert tour is not None
        await made.lifecycle.tour_started("u1", tour, made.clock())
        await made.order()
        assert made.refused()["tour_orders_during_a_tour"] == 1
        await made.at(101)
        await made.order()
        assert made.orders.counts["tours_ordered"] == 1


@asynchronous
async def test_rejects_an_unknown_tour_and_another_user(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        await made.listen("u2", feed="f2")
        await made.order("nowhere")
        await made.order(user_id="u2")
        assert made.refused() == {"tour_orders_for_unknown_tours": 1, "tour_orders_for_another_user": 1}


@asynchronous
async def test_finds_the_session_by_user_when_its_id_is_unknown(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        await made.order(session="theirs")
        assert made.refused() == {"tour_orders_with_nobody_here": 1}
        await made.order(session="theirs", user_id="u1")
        assert made.orders.counts["tours_ordered"] == 1
        assert await made.state() is AgentStateV2.REACTIVE


@asynchronous
async def test_remembers_a_bounded_number_of_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_state, "_MAX_REMEMBERED_ORDERS", 50)
    async with here(tmp_path) as made:
        for number in range(60):
            await made.order(session=f"s{number}", user_id="u1")
        assert len(made.orders._followed) == 50
        await made.order(session="s59", user_id="u1")
        assert made.orders.counts["tour_orders_repeated"] == 1


@asynchronous
async def test_a_tour_that_the_user_asks_for_is_ordered_also_during_a_tour(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        tour = made.tours.resolve("slow")
        assert tour is not None
        await made.lifecycle.tour_started("u1", tour, made.clock())
        assert await made.orders.show("demo", "u1", "bulk", made.clock()) == ""
        (data,) = made.publisher.toasts
        assert (data["ordered"], data["from_chat"], data["trigger_id"]) == (True, True, ASKED_FOR)
        (offer,) = await made.offers()
        assert (offer.user_id, offer.is_open, offer.rendered_at) == ("u1", False, 0.0)
        assert await made.state() is AgentStateV2.REACTIVE
        assert made.orders.counts["tours_asked_for"] == 1


@asynchronous
async def test_a_tour_that_the_user_asks_for_needs_a_feed_and_the_page(tmp_path: Path) -> None:
    async with here(tmp_path, listening=False) as made:
        assert await made.orders.show("demo", "u1", "bulk", made.clock()) == "with_nobody_here"
        assert await made.orders.show("demo", "u1", "none", made.clock()) == "for_unknown_tours"
        await made.listen()
        elsewhere = action("Page load: Reports", 1, "https://app.example.com/reports")
        await made.take(batch(elsewhere))
        assert await made.orders.show("demo", "u1", "bulk", made.clock()) == "on_another_page"
        assert not made.publisher.pushed


@asynchronous
async def test_session_times_out_when_the_tour_does_not_start(tmp_path: Path) -> None:
    async with here(tmp_path) as made:
        await made.order()
        await made.take(batch(save(5)))
        await made.at(10)
        assert await made.state() is AgentStateV2.THINKING
