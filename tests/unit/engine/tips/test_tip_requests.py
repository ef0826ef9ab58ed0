"""A user finds their offers again, and decides what they want to hear about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.engine_parts import (
    PROJECTS,
    T0,
    EngineParts,
    action,
    batch,
    predicate_trigger,
    settings,
    tour_path,
)
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.tips.remembered_choices import RememberedChoices
from rasa_autoplay.engine.tips.sql.store import SqlChoiceStore
from rasa_autoplay.engine.tips.tip_list import MAX_PAST, PAST_S
from rasa_autoplay.engine.tips.tip_requests import TipRequests, make_tip_requests
from rasa_autoplay.events.models import UsertourTrigger
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.tip_answers import Tips
from rasa_autoplay.link.tip_requests import ChangeTips, FindTips

BULK = predicate_trigger(lambda ctx: ctx.recent_actions[-1].title == "Click Save", "bulk", golden_path="bulk")
PAGE = predicate_trigger(lambda ctx: ctx.recent_actions[-1].title == "Click Help", "page")


class Visitor:
    """A user with a page, and the engine."""

    def __init__(self, made: EngineParts, tips: TipRequests) -> None:
        self.made, self._tips = made, tips

    async def presses(self, title: str, at: float) -> None:
        await self.made.at(at)
        await self.made.take(batch(action(title, at)))
        await self.made.at(at + 1)

    async def tips(self, url: str = PROJECTS) -> Tips:
        return (await self._tips.find(FindTips("u1", url))).tips

    async def changes(self, change: str, topic: str = "", **more: str | float) -> Tips:
        return (await self._tips.change(ChangeTips("u1", change, topic, **more))).tips  # type: ignore[arg-type]

    async def restarts(self, tour_id: str) -> dict[str, object]:
        return (await self._tips.restart_tour("u1", tour_id)).offer

    async def gate_of(self, trigger_id: str) -> str:
        """The gate that stops the trigger, as ``explain`` names it."""
        explained = await self.made.explainer.explain("u1")
        trigger = next(each for each in explained["triggers"] if each["trigger_id"] == trigger_id)
        return next((gate["gate"] for gate in trigger["gates"] if gate["stops"]), "")


@asynccontextmanager
async def visiting(
    folder: Path, *, paths: list[GoldenPath] | None = None, open_page: bool = True
) -> AsyncIterator[Visitor]:
    store = SqlChoiceStore(f"sqlite:///{folder / 'autoplay.db'}", "demo")
    made = EngineParts(
        folder,
        [BULK, PAGE],
        configuration=settings(
            courtesy={"min_interval": 0}, session={"interaction_timeout": "2s", "cooldown": "2s"}
        ),
        paths=[tour_path()] if paths is None else paths,
        choices_of=RememberedChoices(store).of,
    )
    async with made:
        if open_page:
            await made.listen()
        yield Visitor(made, make_tip_requests(made.configuration, made.core, store))
    await store.close()


@asynchronous
async def test_live_offer_becomes_a_past_one(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        assert await anna.tips() == Tips([], [], {}, [])
        await anna.presses("Click Save", 1)
        offer = anna.made.open_offer()
        await anna.made.lifecycle.receipt(offer.offer_id, "rendered", T0 + 2)
        await anna.made.lifecycle.receipt(offer.offer_id, "timed_out", T0 + 3)
        (tip,) = (await anna.tips()).live
        assert (tip["offer_id"], tip["body"], tip["topic"]) == (
            offer.offer_id,
            "May I, for bulk?",
            "path:bulk",
        )
        assert tip["tours"] == offer.toast()["tours"]
        assert tip["expires_in_s"] == offer.expires_at - anna.made.clock.now
        await anna.made.at(offer.expires_at - T0)
        tips = await anna.tips()
        assert not tips.live
        (past,) = tips.past
        assert (past.offer_id, past.became, past.at, past.tours) == (
            offer.offer_id,
            "expired",
            offer.rendered_at,
            ["bulk"],
        )
        tour = tips.tours["bulk"]
        assert (tour.title, tour.starts, tour.steps) == ("Bulk edit", "here", ["Press one."])
        assert (await anna.tips("https://app.example.com/settings")).tours["bulk"].starts == "elsewhere"


@asynchronous
async def test_lists_nothing_that_the_user_never_got(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        await anna.presses("Click Save", 1)
        offer, ledger = anna.made.open_offer(), anna.made.ledger
        await anna.made.lifecycle.receipt(offer.offer_id, "dismissed", T0 + 2)
        for number, arm in enumerate((Arm.CONTROL, Arm.GHOST, Arm.HOLDOUT, Arm.GATE_CLOSED)):
            (held,) = [o for o in await ledger.history("demo", "u1") if o.offer_id == offer.offer_id]
            held.offer_id, held.arm, held.status = f"held{number}", arm, OfferStatus.WITHHELD
            await ledger.save(held)
        for number, status in enumerate((OfferStatus.EXPIRED, OfferStatus.ACCEPTED)):
            (other,) = [o for o in await ledger.history("demo", "u1") if o.offer_id == offer.offer_id]
            # It was withdrawn before any page showed it; and the record of a tour that the user asked for.
            other.offer_id, other.status, other.rendered_at = f"o{number}", status, 0.0
            other.trigger_id = "bulk" if number == 0 else "show_me_in_chat"
            await ledger.save(other)
        tips = await anna.tips()
        assert ([past.offer_id for past in tips.past], tips.live) == ([offer.offer_id], [])


@asynchronous
async def test_lists_a_limited_number_of_past_offers(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        await anna.presses("Click Save", 1)
        offer, now = anna.made.open_offer(), anna.made.clock.now
        await anna.made.lifecycle.receipt(offer.offer_id, "accepted", now)
        for number in range(MAX_PAST + 5):
            (copy,) = [
                o for o in await anna.made.ledger.history("demo", "u1") if o.offer_id == offer.offer_id
            ]
            copy.offer_id, copy.created_at = f"o{number}", now - number
            copy.rendered_at = now - number if number else now - PAST_S - 1
            await anna.made.ledger.save(copy)
        past = (await anna.tips()).past
        assert len(past) == MAX_PAST
        assert "o0" not in {tip.offer_id for tip in past}, "it is older than a month"


@asynchronous
async def test_muted_topic_stays_silent_until_it_is_unmuted(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        tips = await anna.changes("mute", "path:bulk")
        assert [(muted.topic, muted.title) for muted in tips.muted] == [("path:bulk", "Bulk edit")]
        await anna.presses("Click Save", 1)
        assert anna.made.open_offers.of_user("u1") is None
        assert await anna.gate_of("bulk") == "muted_topic"
        await anna.presses("Click Help", 3)
        assert anna.made.open_offer().trigger_id == "page", "other topics are not muted"
        await anna.made.lifecycle.receipt(anna.made.open_offer().offer_id, "dismissed", T0 + 5)
        assert not (await anna.changes("unmute", "path:bulk")).muted
        await anna.presses("Click Save", 60)
        assert anna.made.open_offer().trigger_id == "bulk"


@asynchronous
async def test_unmuting_asks_the_gates_again_at_once(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        await anna.changes("mute", "trigger:bulk")
        await anna.presses("Click Save", 1)
        assert anna.made.open_offers.of_user("u1") is None
        await anna.changes("unmute", "trigger:bulk")
        await anna.made.finish_pending()
        assert anna.made.open_offer().trigger_id == "bulk"


@asynchronous
async def test_muting_the_topic_of_a_toast_is_dont_show_again(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        await anna.presses("Click Save", 1)
        offer = anna.made.open_offer()
        await anna.made.lifecycle.receipt(offer.offer_id, "rendered", T0 + 2)
        tips = await anna.changes("mute", "path:bulk")
        assert (tips.live, [past.became for past in tips.past]) == ([], ["never"])


@asynchronous
async def test_dont_show_again_is_listed_and_can_be_taken_back(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        for at, title, topic in ((1, "Click Save", "path:bulk"), (61, "Click Help", "trigger:page")):
            await anna.presses(title, at)
            offer = anna.made.open_offer()
            await anna.made.lifecycle.receipt(offer.offer_id, "never", anna.made.clock.now)
            assert [each.topic for each in (await anna.tips()).muted] == [topic]
            await anna.presses(title, at + 20)
            assert anna.made.open_offers.of_user("u1") is None
            assert not (await anna.changes("unmute", topic)).muted
            await anna.made.finish_pending()
            again = anna.made.open_offer()
            assert again.trigger_id == offer.trigger_id
            await anna.made.lifecycle.receipt(again.offer_id, "dismissed", anna.made.clock.now)


@pytest.mark.parametrize("change", ["mute", "mute_all"])
@asynchronous
async def test_muting_withdraws_an_offer_that_waits(tmp_path: Path, change: str) -> None:
    async with visiting(tmp_path, open_page=False) as anna:
        await anna.presses("Click Save", 1)
        assert anna.made.open_offer().awaits_rendering
        await anna.changes(change, "path:bulk" if change == "mute" else "")
        await anna.made.listen()
        assert anna.made.open_offers.of_user("u1") is None
        assert not anna.made.publisher.pushed


@asynchronous
async def test_everything_is_muted_for_a_time(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        tips = await anna.changes("mute_all", for_s=3_600.0)
        assert tips.everything is not None
        assert tips.everything.until == anna.made.clock.now + 3_600
        await anna.presses("Click Save", 1)
        assert await anna.gate_of("bulk") == "muted"
        anna.made.clock.now += 3_600
        await anna.made.at(3_602)
        assert (await anna.tips()).everything is None
        await anna.presses("Click Save", 3_700)
        assert anna.made.open_offer().trigger_id == "bulk"


@asynchronous
async def test_own_quiet_hours_are_kept_and_given_up(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        tips = await anna.changes("quiet_hours", begins="00:00", ends="23:59", zone="Europe/Berlin")
        assert tips.quiet_hours is not None
        assert (tips.quiet_hours.from_, tips.quiet_hours.to) == ("00:00", "23:59")
        await anna.presses("Click Save", 1)
        assert await anna.gate_of("bulk") == "own_quiet_hours"
        assert (await anna.changes("no_quiet_hours")).quiet_hours is None
        await anna.made.finish_pending()
        assert anna.made.open_offer().trigger_id == "bulk"


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (ChangeTips("u1", "mute", "path:none"), "not_found"),
        (ChangeTips("u1", "mute", "bulk"), "not_found"),
        (ChangeTips("u1", "unmute", "x" * 400), "not_found"),
        (ChangeTips("u1", "mute", "path:bulk", -1.0), "invalid"),
        (ChangeTips("u1", "mute_all", for_s=1e12), "invalid"),
        (ChangeTips("u1", "forget"), "invalid"),
        (ChangeTips("u1", "quiet_hours", begins="22:00", ends="22:00", zone="UTC"), "invalid"),
        (ChangeTips("u1", "quiet_hours", begins="9", ends="25:00", zone="UTC"), "invalid"),
        (ChangeTips("u1", "quiet_hours", begins="22:00", ends="07:00", zone="Berlin"), "invalid"),
    ],
)
@asynchronous
async def test_refuses_what_nobody_can_choose(tmp_path: Path, asked: ChangeTips, kind: str) -> None:
    async with visiting(tmp_path) as anna:
        with pytest.raises(EngineRefused) as refused:
            await anna._tips.change(asked)
        assert refused.value.kind == kind


@asynchronous
async def test_restarted_tour_counts_as_asked_for(tmp_path: Path) -> None:
    async with visiting(tmp_path) as anna:
        await anna.presses("Click Save", 1)
        offer = anna.made.open_offer()
        await anna.made.lifecycle.receipt(offer.offer_id, "dismissed", T0 + 2)
        asked = await anna.restarts("bulk")
        assert asked["offer_id"] != offer.offer_id
        tour = anna.made.tours.resolve("bulk")
        assert tour is not None
        await anna.made.lifecycle.tour_started("u1", tour, T0 + 3, str(asked["offer_id"]))
        await anna.made.lifecycle.tour_ended("u1", T0 + 4, "finished")
        receipts = await anna.made.ledger.receipts([str(asked["offer_id"])])
        assert [receipt.event for receipt in receipts] == ["tour_finished"]
        assert anna.made.live.offer_counts["tours_asked_for"] == 1
        tips = await anna.tips()
        assert [past.became for past in tips.past] == ["dismissed"], "it is no offer, and answers none"
        with pytest.raises(EngineRefused):
            await anna.restarts("none")


@asynchronous
async def test_list_is_opened_on_the_users_pages_only(tmp_path: Path) -> None:
    async with visiting(tmp_path, open_page=False) as anna:
        assert not (await anna._tips.open_list("u1")).is_open
        await anna.made.listen()
        await anna.made.listen(user="u2", feed="f2")
        assert (await anna._tips.open_list("u1")).is_open
        ((_, frame),) = anna.made.publisher.pushed
        assert (frame.user_id, frame.event, frame.id, frame.feed_ids) == ("u1", "tips", "", ["f1"])


@pytest.mark.parametrize(("change", "topic"), [("mute", "path:bulk"), ("mute_all", "")])
@asynchronous
async def test_ordered_tour_does_not_start_while_it_is_muted(tmp_path: Path, change: str, topic: str) -> None:
    async with visiting(tmp_path) as anna:
        await anna.made.take(batch(action("Look", 0)))
        orders, order = anna.made.core.tour_orders, UsertourTrigger("bulk", "s1", product_id="demo")
        await anna.changes(change, topic)
        await orders.follow(order, anna.made.clock())
        assert not anna.made.publisher.pushed
        assert orders.counts["tour_orders_muted"] == 1
        await anna.changes(f"un{change}", topic)
        await orders.follow(order, anna.made.clock())
        assert [frame.event for _, frame in anna.made.publisher.pushed] == ["tour"]
