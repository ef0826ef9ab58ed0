"""A fired trigger makes an offer when courtesy allows: boundaries, sessions, restarts, late delivery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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

from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult
from rasa_autoplay.link.messages import ChatDelivery
from rasa_autoplay.settings.limits import TriggerLimitSettings

ELSEWHERE = "https://app.example.com/dashboard"


def wants(title: str, **fields: Any) -> ConfiguredTrigger:
    """A trigger that fires after an action of that title on the projects page."""

    @only_events
    def did(ctx: ProactiveTriggerContext) -> bool:
        here = ctx.recent_actions[-1].canonical_url == PROJECTS
        return here and any(each.title == title for each in ctx.recent_actions)

    own = TriggerLimitSettings.parse_obj(fields.pop("courtesy", {}))
    return predicate_trigger(did, title, courtesy=own, **fields)


MakeEngine = Callable[..., EngineParts]


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    def build(*triggers: ConfiguredTrigger, **limits: Any) -> EngineParts:
        return EngineParts(tmp_path, triggers or [wants("a")], configuration=settings(courtesy=limits))

    return build


async def does(made: EngineParts, title: str, page: str = PROJECTS, **more: Any) -> None:
    """Let the user act now."""
    where = {name: more.pop(name) for name in ("user", "session") if name in more}
    await made.take(batch(action(title, made.clock.now - T0, page, **more), **where))


async def made_of(made: EngineParts, user: str = "u1") -> list[str]:
    return [offer.trigger_id for offer in await made.offers(user)]


def told(made: EngineParts) -> list[tuple[str, str, str]]:
    return [(each.outcome, each.trigger_id, each.gate) for each in made.decisions]


# --- natural boundaries ------------------------------------------------------------------------------------


@asynchronous
async def test_offer_waits_for_a_save(engine: MakeEngine) -> None:
    async with engine(hold_until=["save"]) as made:
        await does(made, "a")
        await made.at(5)
        await does(made, "Open menu")
        assert not await made.offers()
        await made.at(7)
        await does(made, "Click Save changes")
        (offer,) = await made.offers()
        assert offer.created_at == T0 + 7
        assert told(made)[:2] == [("fired", "a", ""), ("deferred", "a", "hold_until")]
        assert told(made)[-1] == ("offered", "a", "")


@asynchronous
async def test_offer_fired_at_a_boundary_does_not_wait(engine: MakeEngine) -> None:
    async with engine(wants("Click Save changes"), hold_until=["save"]) as made:
        await does(made, "Click Save changes")
        assert await made_of(made) == ["Click Save changes"]


@asynchronous
async def test_idle_boundary_needs_no_event(engine: MakeEngine) -> None:
    async with engine(hold_until=["idle 3s"]) as made:
        await does(made, "a")
        await made.at(2)
        await does(made, "Open menu")
        await made.at(4.75)
        assert not await made.offers()
        await made.at(5)
        assert len(await made.offers()) == 1


@asynchronous
async def test_waits_at_most_max_wait_from_its_start(engine: MakeEngine) -> None:
    async with engine(hold_until=["save"], max_wait="20s") as made:
        await does(made, "a")
        for at in (5, 10, 15):
            await made.at(at)
            await does(made, "Open menu")
        await made.at(19.75)
        assert not await made.offers()
        await made.at(20)
        assert len(await made.offers()) == 1


@asynchronous
async def test_drops_a_waiting_offer_uncharged_when_the_user_left_the_page(engine: MakeEngine) -> None:
    async with engine(hold_until=["navigation"], max_wait="20s") as made:
        await does(made, "a")
        await made.at(5)
        await does(made, "View dashboard", ELSEWHERE, type="pageview")
        assert told(made)[-1] == ("dropped", "a", "")
        await made.at(40)
        assert not await made.offers()
        await does(made, "View projects", type="pageview")
        assert await made_of(made) == ["a"], "the evidence was not used up"


@asynchronous
async def test_dropped_offer_waits_again_when_it_fires_again(engine: MakeEngine) -> None:
    async with engine(hold_until=["save"], max_wait="20s") as made:
        await does(made, "a")
        await made.at(5)
        await does(made, "View dashboard", ELSEWHERE)
        await made.at(30)
        await does(made, "Back")
        assert not await made.offers(), "what it waited before does not count"
        await made.at(50)
        assert await made_of(made) == ["a"]


@asynchronous
async def test_does_not_interrupt_a_chat_begun_while_waiting(engine: MakeEngine) -> None:
    async with engine(hold_until=["save"], max_wait="20s") as made:
        await does(made, "a")
        await made.at(5)
        await made.lifecycle.chat_message("u1", made.clock())
        await made.at(34.75)
        assert not await made.offers()
        await made.at(35)
        assert not await made.offers(), "it begins to wait for a save again"
        await does(made, "Click Save changes")
        assert await made_of(made) == ["a"]


@asynchronous
async def test_offer_waiting_for_a_boundary_keeps_its_priority(engine: MakeEngine) -> None:
    second = wants("b", courtesy={"hold_until": []})
    async with engine(wants("a"), second, hold_until=["save"]) as made:
        await does(made, "a")
        await does(made, "b")
        assert not await made.offers()
        await does(made, "Click Save changes")
        assert await made_of(made) == ["a"]


@asynchronous
async def test_capped_trigger_does_not_hide_the_next(engine: MakeEngine) -> None:
    capped = wants("a", courtesy={"per_user": 1})
    async with engine(capped, wants("b")) as made:
        await does(made, "a")
        await made.reported(made.open_offer(), "dismissed")
        await made.at(40)
        await does(made, "a")
        assert made.core.counts["held_by_answered"] == 1
        await does(made, "b")
        assert await made_of(made) == ["a", "b"]


@asynchronous
async def test_does_not_interrupt_a_user_in_a_field(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("a", 0), action("Name", 1, type="focus")))
        await made.at(5.75)
        assert not await made.offers()
        await made.at(6)
        assert await made_of(made) == ["a"], "a few seconds later, also when nothing more happens"
        assert made.core.counts["held_by_typing"] == 1


# --- one toast at a time -----------------------------------------------------------------------------------


@asynchronous
async def test_toast_in_one_session_blocks_the_users_other_sessions(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a", session="s1")
        await made.reported(made.open_offer(), "rendered")
        await made.at(5)
        await does(made, "a", session="s2")
        await made.at(9.75)
        assert len(await made.offers()) == 1
        assert made.core.counts["held_by_attention"] == 1
        await made.at(10)
        assert [o.session_id for o in await made.offers()] == ["s1", "s2"]


@asynchronous
async def test_chat_or_tour_in_one_session_keeps_the_others_quiet(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "View", session="s1")
        await made.lifecycle.chat_message("u1", made.clock())
        await made.at(1)
        await does(made, "a", session="s2")
        await does(made, "a", session="s3", user="u2")
        assert await made_of(made, "u2") == ["a"], "another user's attention is their own"
        await made.at(9.75)
        assert not await made.offers()
        await made.at(10)
        assert len(await made.offers()) == 1, "the cooldown after it is the first session's own"


@asynchronous
async def test_toast_shown_before_a_restart_counts_in_another_session(engine: MakeEngine) -> None:
    first = engine()
    await does(first, "a", session="s1")
    await first.reported(first.open_offer(), "rendered")
    again = await first.restarted()
    async with again:
        await does(again, "a", session="s2")
        await again.at(9.75)
        assert again.core.counts["held_by_one_at_a_time"] == 1
        assert len(await again.offers()) == 1
        await again.at(10)
        assert len(await again.offers()) == 2


@asynchronous
async def test_expired_offer_of_another_session_no_longer_blocks(engine: MakeEngine) -> None:
    async with engine(wants("a", offer_ttl_s=30.0)) as made:
        await does(made, "a", session="s1")
        await does(made, "a", session="s2")
        await made.at(29.75)
        assert len(await made.offers()) == 1
        await made.at(30)
        assert [o.session_id for o in await made.offers()] == ["s1", "s2"]


# --- restarts ----------------------------------------------------------------------------------------------


@asynchronous
async def test_cooldown_survives_a_restart_without_an_interval(engine: MakeEngine) -> None:
    first = engine()
    await does(first, "a")
    await first.reported(first.open_offer(), "rendered")
    await first.at(15)
    again = await first.restarted()
    async with again:
        await does(again, "a")
        assert made_stop(again) == ("stopped", "a", "attention")
        await again.at(29.75)
        assert len(await again.offers()) == 1
        await again.at(30)
        assert len(await again.offers()) == 2


def made_stop(made: EngineParts) -> tuple[str, str, str]:
    return told(made)[-1]


@pytest.mark.parametrize(
    ("limits", "own", "gate"),
    [
        ({"per_user_per_day": 1}, {}, "per_user_per_day"),
        ({"min_interval": "1h"}, {}, "min_interval"),
        ({}, {"per_day": 1}, "trigger_per_day"),
        ({}, {"per_user": 1}, "trigger_per_user"),
        ({}, {"min_interval": "1h"}, "trigger_min_interval"),
    ],
)
@asynchronous
async def test_caps_and_intervals_survive_restarts_and_new_sessions(
    engine: MakeEngine, limits: dict[str, Any], own: dict[str, Any], gate: str
) -> None:
    first = engine(wants("a", courtesy=own), **limits)
    await does(first, "a", session="s1")
    await first.reported(first.open_offer(), "rendered")
    await first.reported(first.open_offer(), "timed_out")
    again = await first.restarted()
    async with again:
        await again.at(600)
        await does(again, "a", session="s2")
        assert made_stop(again) == ("stopped", "a", gate)
        assert len(await again.offers()) == 1


# --- the user's day ----------------------------------------------------------------------------------------


@asynchronous
async def test_quiet_hours_follow_the_browsers_clock(engine: MakeEngine) -> None:
    # T0 is 22:13 in London and 11:13 in Auckland.
    async with engine(quiet_hours={"from": "20:00", "to": "08:00"}) as made:
        for user, zone in (("anna", "Europe/London"), ("mere", "Pacific/Auckland"), ("who", "No/Zone")):
            payload = batch(action("a", 0), user=user, session=user)
            payload.timezone = zone
            await made.take(payload)
        assert [len(await made.offers(user)) for user in ("anna", "mere", "who")] == [0, 1, 0]


@asynchronous
async def test_trigger_fired_at_night_is_evaluated_again_in_the_morning(engine: MakeEngine) -> None:
    async with engine(quiet_hours={"from": "22:00", "to": "22:15"}) as made:
        await does(made, "a")
        await made.at(99)
        assert not await made.offers()
        await made.at(100)
        assert await made_of(made) == ["a"], "T0 is 22:13:20"


# --- late deliveries ---------------------------------------------------------------------------------------


@asynchronous
async def test_late_delivery_checks_the_gates_again(engine: MakeEngine) -> None:
    async with engine(wants("a", courtesy={"hold_until": ["save"]})) as made:
        await does(made, "a")
        await does(made, "Click Save changes")
        await made.at(5)
        await made.lifecycle.chat_message("u1", made.clock())
        await made.listen()
        assert not made.publisher.pushed, "the user is chatting now"
        await made.at(34.75)
        assert not made.publisher.pushed
        await made.at(35)
        assert [toast["offer_id"] for toast in made.publisher.toasts] == [made.open_offer().offer_id]


@asynchronous
async def test_late_delivery_stopped_by_a_gate_expires_uncharged(engine: MakeEngine) -> None:
    async with engine(quiet_hours={"from": "22:14", "to": "23:00"}) as made:
        await does(made, "a")
        await made.at(60)
        await made.listen()
        await made.at(120)
        assert not made.publisher.pushed
        assert [(o.status, o.rendered_at) for o in await made.offers()] == [(OfferStatus.EXPIRED, 0.0)]
        assert len(made.timers) == 0


@asynchronous
async def test_late_delivery_reaches_every_open_tab(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a")
        await made.lifecycle.chat_message("u1", made.clock())
        await made.listen(feed="f1")
        await made.listen(feed="f2")
        await made.at(30)
        assert [frame.feed_ids for _, frame in made.publisher.pushed] == [["f1", "f2"]]


# --- answers -----------------------------------------------------------------------------------------------


@asynchronous
async def test_accepts_a_yes_after_the_offer_ended(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a")
        offer = made.open_offer()
        await made.reported(offer, "rendered")
        await made.at(125)
        await made.lifecycle.accepted("u1", await made.ledger.get(offer.offer_id), made.clock())
        assert [o.status for o in await made.offers()] == [OfferStatus.ACCEPTED]
        await made.at(200)
        await does(made, "a")
        assert len(await made.offers()) == 1


@asynchronous
async def test_yes_that_failed_does_not_suppress_the_trigger(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a")
        offer = made.open_offer()
        await made.reported(offer, "rendered")
        await made.lifecycle.accepted("u1", offer, made.clock())
        failed = ChatDelivery(offer.offer_id, 1, "failed", "u1")
        await made.lifecycle.record_chat_delivery(failed, made.clock())
        assert made.open_offer().status is OfferStatus.SEEN, "it can be accepted again"
        await made.lifecycle.accepted("u1", made.open_offer(), made.clock())
        await made.at(130)
        await made.lifecycle.record_chat_delivery(failed, made.clock())
        assert [o.status for o in await made.offers()] == [OfferStatus.EXPIRED]
        await made.at(170)
        await does(made, "a")
        assert len(await made.offers()) == 2


# --- what it explains --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "found", "explained"),
    [("", "bulk", "bulk"), ("", "nonsense", ""), ("", None, ""), ("bulk", "other", "bulk")],
)
@asynchronous
async def test_offer_about_any_workflow_explains_the_one_that_fired(
    tmp_path: Path, own: str, found: str | None, explained: str
) -> None:
    def stuck(_ctx: ProactiveTriggerContext) -> ProactiveTriggerResult:
        return ProactiveTriggerResult("stuck", "Stuck?", metadata={"golden_path": found})

    trigger = ConfiguredTrigger("stuck", stuck, golden_path=own)
    async with EngineParts(tmp_path, [trigger], paths=[tour_path("bulk"), tour_path("other")]) as made:
        await made.take(batch(action("a", 0)))
        (offer,) = await made.offers()
        assert offer.golden_path == explained
        assert [tour.id for tour in offer.tours] == ([explained] if explained else [])


# --- buttons -----------------------------------------------------------------------------------------------


def answering(*labels: str, **fields: Any) -> ConfiguredTrigger:
    """A trigger whose result has labels for replies."""
    trigger = PredicateProactiveTrigger(
        trigger_id="t", body="Shall I?", predicate=lambda _ctx: True, reply_option_labels=labels
    )
    return ConfiguredTrigger("t", trigger.evaluate, **fields)


@asynchronous
async def test_reply_option_labels_become_toast_buttons(engine: MakeEngine) -> None:
    async with engine(answering("Compare plans", "No")) as made:
        await made.listen()
        await does(made, "a")
        (toast,) = made.publisher.toasts
        assert toast["reply_options"] == ["Compare plans", "No"]
        assert (await made.offers())[0].reply_options == ["Compare plans", "No"], "kept over restarts"


@asynchronous
async def test_configured_reply_options_replace_those_of_the_result(engine: MakeEngine) -> None:
    async with engine(answering("Compare plans", reply_options=["Why?"])) as made:
        await does(made, "a")
        assert made.open_offer().reply_options == ["Why?"]


@asynchronous
async def test_trigger_offers_all_its_tours_that_fit_the_page(tmp_path: Path) -> None:
    paths = [tour_path("one"), tour_path("two"), tour_path("three", "/settings")]
    trigger = wants("a", golden_path="one", tours={"two": "Two steps", "one": "", "three": ""})
    async with EngineParts(tmp_path, [trigger], paths=paths) as made:
        await does(made, "a")
        offer = made.open_offer()
        assert [(tour.id, tour.label) for tour in offer.tours] == [("two", "Two steps"), ("one", "Show me")]
        await made.listen()
        assert [tour["id"] for tour in made.publisher.toasts[0]["tours"]] == ["two", "one"], "also when late"
