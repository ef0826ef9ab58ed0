"""What users do with toasts, tours and chat, and how the session's state follows."""

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
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.sessions.state import AgentStateV2
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.link.messages import FeedInfo

THINKING, PROACTIVE, REACTIVE = AgentStateV2.THINKING, AgentStateV2.PROACTIVE, AgentStateV2.REACTIVE
ELSEWHERE = "https://app.example.com/dashboard"
MakeEngine = Callable[..., EngineParts]


@only_events
def asks_for_help(ctx: ProactiveTriggerContext) -> bool:
    return any(a.title == "help" for a in ctx.recent_actions)


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    def build(*paths: Any, configuration: Any = None, **trigger: Any) -> EngineParts:
        helper = predicate_trigger(asks_for_help, **{"golden_path": "bulk", **trigger})
        return EngineParts(
            tmp_path, [helper], paths=paths or [tour_path()], configuration=configuration or settings()
        )

    return build


async def need_help(made: EngineParts, **where: Any) -> None:
    """Make an action that triggers an offer."""
    await made.take(batch(action("help", made.clock.now - T0), **where))


async def in_state(made: EngineParts, state: AgentStateV2, *, cooling: bool = False) -> bool:
    machine = (await made.session()).state
    return machine.current_state is state and machine.thinking.cooldown_active == cooling


@asynchronous
async def test_seen_toast_makes_the_session_proactive_until_the_timeout(
    engine: MakeEngine,
) -> None:
    async with engine() as made:
        await made.listen()
        await need_help(made)
        assert await in_state(made, THINKING), "sent is not seen"
        await made.at(1)
        await made.reported(made.open_offer(), "rendered")
        assert await in_state(made, PROACTIVE)
        await made.at(10.75)
        assert await in_state(made, PROACTIVE)
        await made.at(11)
        assert await in_state(made, THINKING, cooling=True), "nobody but time did that"
        await made.at(30.75)
        assert await in_state(made, THINKING, cooling=True)
        await made.at(31)
        assert await in_state(made, THINKING)


@asynchronous
async def test_offers_only_after_the_cooldown(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.at(15)
        await need_help(made)
        await made.at(29.75)
        assert len(await made.offers()) == 1
        await made.at(30)
        assert len(await made.offers()) == 2


@asynchronous
async def test_offer_without_a_feed_waits_uncharged(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.at(100)
        assert not made.publisher.pushed
        assert await in_state(made, THINKING)
        await made.listen()
        (toast,) = made.publisher.toasts
        assert toast["offer_id"] == made.open_offer().offer_id
        assert toast["expires_at"] == T0 + 120


@asynchronous
async def test_undelivered_offer_expires_without_a_cooldown(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.at(119.75)
        assert [o.status for o in await made.offers()] == [OfferStatus.QUEUED]
        await made.at(120)
        assert [o.status for o in await made.offers()] == [OfferStatus.EXPIRED]
        assert len(made.open_offers) == 0
        assert made.open_offers.counts == {"offers_undelivered": 1}
        await made.listen()
        assert not made.publisher.pushed


@asynchronous
async def test_counts_offers_that_reach_only_another_spelling_of_the_user(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen(user="U1")
        await need_help(made)
        await made.at(120)
        assert made.open_offers.counts == {"offers_undelivered": 1, "offers_undelivered_id_mismatch": 1}
        assert await in_state(made, THINKING)
        await need_help(made)
        assert len(await made.offers()) == 2


@asynchronous
async def test_late_delivery_offers_tours_of_the_current_page(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.at(5)
        await made.take(batch(action("View", 5, ELSEWHERE)))
        await made.listen(feed="f1")
        await made.take(batch(action("View", 4, PROJECTS), action("View again", 6, PROJECTS)))
        await made.listen(feed="f2")
        assert [[t["id"] for t in toast["tours"]] for toast in made.publisher.toasts] == [[], ["bulk"]]


@asynchronous
async def test_uses_the_page_of_the_users_latest_session(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.at(5)
        await made.take(batch(action("View", 5, ELSEWHERE), session="s2"))
        await made.listen()
        (toast,) = made.publisher.toasts
        assert toast["tours"] == []


@asynchronous
async def test_passing_time_does_not_make_a_session_the_latest(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.at(5)
        await made.take(batch(action("View", 5, ELSEWHERE), session="s2"))
        await made.at(125)
        assert [o.status for o in await made.offers()] == [OfferStatus.EXPIRED]
        latest = await made.lifecycle.latest_session("u1", made.clock())
        assert latest is not None
        assert latest.key == ("demo", "s2")
        assert (await made.session("s1")).active_at == T0, "else an idle session would never expire"


@asynchronous
async def test_unknown_page_offers_no_tour(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await made.take(batch(action("help", 0, "")))
        (toast,) = made.publisher.toasts
        assert toast["tours"] == []


@asynchronous
async def test_two_seconds_on_an_open_feed_count_as_seen_without_receipts(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await need_help(made)
        await made.at(1)
        await made.delivered(made.open_offer())
        assert made.open_offer().status is OfferStatus.SENT
        await made.at(2.75)
        assert await in_state(made, THINKING)
        await made.at(3)
        assert await in_state(made, PROACTIVE)
        (offer,) = await made.offers()
        assert (offer.status, offer.rendered_at) == (OfferStatus.RENDERED, T0 + 3)


@asynchronous
async def test_offer_keeps_waiting_when_its_feed_closes_before_showing(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await need_help(made)
        await made.delivered(made.open_offer())
        await made.at(1)
        made.presence.closed("d1", "f1")
        await made.at(5)
        assert made.open_offer().status is OfferStatus.QUEUED
        assert await in_state(made, THINKING)
        await made.listen(feed="f2")
        assert [frame.feed_ids for _, frame in made.publisher.pushed] == [["f1"], ["f2"]]
        await made.delivered(made.open_offer(), "f2")
        await made.at(7)
        assert await in_state(made, PROACTIVE)


@asynchronous
async def test_returning_browser_sees_no_toast_twice_and_counts_as_shown(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await need_help(made)
        offer = made.open_offer()
        await made.delivered(offer)
        await made.at(1)
        made.presence.closed("d1", "f1")
        await made.at(1.5)
        await made.listen(feed="f2", last=offer.offer_id)
        assert len(made.publisher.pushed) == 1
        await made.at(3.5)
        assert offer.status is OfferStatus.RENDERED, (
            "else it would wait, and block all others, until it expires"
        )


@asynchronous
async def test_receipt_replaces_the_two_second_wait(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await need_help(made)
        offer = made.open_offer()
        await made.delivered(offer)
        await made.at(1)
        await made.reported(offer, "rendered")
        await made.at(9)
        await made.reported(offer, "seen")
        assert (offer.status, offer.rendered_at) == (OfferStatus.SEEN, T0 + 1)
        await made.at(11)
        assert await in_state(made, THINKING, cooling=True), "seeing it is no interaction"


@asynchronous
async def test_shown_toast_is_not_sent_again(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.listen(feed="f2")
        assert [frame.feed_ids for _, frame in made.publisher.pushed] == [["f1"]]


@pytest.mark.parametrize("event", ["dismissed", "snoozed", "never", "accepted"])
@asynchronous
async def test_answer_closes_the_offer_and_counts_as_interaction(engine: MakeEngine, event: str) -> None:
    async with engine() as made:
        await need_help(made)
        offer = made.open_offer()
        await made.reported(offer, "rendered")
        await made.at(9)
        await made.reported(offer, event)
        assert made.open_offers.of_user("u1") is None
        assert [o.status.value for o in await made.offers()] == [event]
        await made.at(18.75)
        assert await in_state(made, PROACTIVE)
        await made.at(19)
        assert await in_state(made, THINKING, cooling=True)


@asynchronous
async def test_never_suppresses_permanently(engine: MakeEngine) -> None:
    async with engine(configuration=settings(session={"idle_timeout": "400d"})) as made:
        await need_help(made)
        await made.reported(made.open_offer(), "never")
        made.clock.now = T0 + 30 * 86_400
        await need_help(made)
        await need_help(made, session="s2")
        assert len(await made.offers()) == 1


@pytest.mark.parametrize(("event", "days"), [("dismissed", 1), ("snoozed", 1), ("accepted", 7)])
@asynchronous
async def test_other_answers_suppress_for_a_limited_time(engine: MakeEngine, event: str, days: int) -> None:
    async with engine() as made:
        await need_help(made)
        await made.reported(made.open_offer(), event)
        made.clock.now = T0 + days * 86_400 - 1
        await need_help(made, session="s2")
        assert len(await made.offers()) == 1
        await made.at(days * 86_400)
        assert len(await made.offers()) == 2, "the same evidence, once the snooze is over"


@asynchronous
async def test_stores_receipts_and_counts_unknown_ones(engine: MakeEngine) -> None:
    async with engine() as made:
        assert not await made.lifecycle.receipt("offer_nobody_made", "seen", made.clock())
        assert made.lifecycle.counts["receipts_for_unknown_offers"] == 1


@asynchronous
async def test_receipt_after_a_restart_finds_its_offer(engine: MakeEngine) -> None:
    first = engine()
    await need_help(first)
    offer = first.open_offer()
    await first.reported(offer, "rendered")
    again = await first.restarted()
    async with again:
        await again.reported(offer, "never")
        assert [o.status for o in await again.offers()] == [OfferStatus.NEVER]


@asynchronous
async def test_answered_offer_cannot_be_reopened(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        offer = made.open_offer()
        await made.reported(offer, "dismissed")
        for late in ("rendered", "seen", "accepted", "timed_out"):
            await made.reported(offer, late)
        assert [o.status for o in await made.offers()] == [OfferStatus.DISMISSED]


@asynchronous
async def test_offer_uses_the_times_of_its_trigger(engine: MakeEngine) -> None:
    async with engine(interaction_timeout_s=3.0, cooldown_s=5.0) as made:
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.at(2.75)
        assert await in_state(made, PROACTIVE)
        await made.at(3)
        assert await in_state(made, THINKING, cooling=True)
        await made.at(8)
        assert await in_state(made, THINKING)
        await made.lifecycle.chat_message("u1", made.clock())
        await made.at(17.75)
        assert await in_state(made, REACTIVE), "the chat has the session's own"
        await made.at(18)
        assert await in_state(made, THINKING, cooling=True)


def tour(made: EngineParts) -> OfferedTour:
    found = made.tours.resolve("bulk")
    assert found is not None
    return found


@asynchronous
async def test_show_me_accepts_the_offer_and_starts_the_tour(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.at(9)
        await made.lifecycle.tour_started("u1", tour(made), made.clock())
        assert [o.status for o in await made.offers()] == [OfferStatus.ACCEPTED]
        machine = (await made.session()).state
        assert (machine.current_state, machine.visual_guidance_active) == (PROACTIVE, True)
        assert machine.active_tour_id == "bulk"
        for at in (18, 27):
            await made.at(at)
            assert await made.lifecycle.tour_stepped("u1", made.clock())
        await made.at(36)
        assert await made.lifecycle.tour_ended("u1", made.clock())
        assert not machine.visual_guidance_active
        await made.at(45.75)
        assert await in_state(made, PROACTIVE)
        await made.at(46)
        assert await in_state(made, THINKING, cooling=True)


@asynchronous
async def test_tour_uses_its_own_times(engine: MakeEngine) -> None:
    path = tour_path(interaction_timeout="30s", cooldown="1m")
    async with engine(path) as made:
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.lifecycle.tour_started("u1", tour(made), made.clock())
        await made.at(29.75)
        assert await in_state(made, PROACTIVE)
        await made.at(30)
        assert await in_state(made, THINKING, cooling=True)
        await made.at(89.75)
        assert await in_state(made, THINKING, cooling=True)
        await made.at(90)
        assert await in_state(made, THINKING)


@asynchronous
async def test_show_me_after_the_timeout_counts_as_a_user_request(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.at(15)
        assert await in_state(made, THINKING, cooling=True)
        await made.lifecycle.tour_started("u1", tour(made), made.clock())
        assert await in_state(made, REACTIVE)
        assert (await made.session()).state.visual_guidance_active
        assert [o.status for o in await made.offers()] == [OfferStatus.ACCEPTED]


@asynchronous
async def test_starts_a_tour_without_a_session(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.lifecycle.tour_started("nobody", tour(made), made.clock())
        assert not await made.lifecycle.tour_stepped("nobody", made.clock())
        assert not await made.lifecycle.tour_ended("nobody", made.clock())


@asynchronous
async def test_starting_another_tour_leaves_the_offer_open(engine: MakeEngine) -> None:
    async with engine(tour_path(), tour_path("other")) as made:
        await need_help(made)
        other = made.tours.resolve("other")
        assert other is not None
        await made.lifecycle.tour_started("u1", other, made.clock())
        assert made.open_offer().is_open


@asynchronous
async def test_tour_end_in_the_thinking_state_is_no_error(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("View", 0)))
        assert await made.lifecycle.tour_ended("u1", made.clock())
        assert await in_state(made, THINKING)


@asynchronous
async def test_chatting_user_is_reactive_and_not_interrupted(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("View", 0)))
        await made.lifecycle.chat_message("u1", made.clock())
        assert await in_state(made, REACTIVE)
        await need_help(made)
        await made.at(9)
        await made.lifecycle.chat_message("u1", made.clock())
        await made.at(18.75)
        assert await in_state(made, REACTIVE)
        assert not await made.offers()
        await made.at(19)
        assert await in_state(made, THINKING, cooling=True)
        await made.at(39)
        assert len(await made.offers()) == 1


@asynchronous
async def test_chat_message_clears_the_cooldown_and_resets_the_offer_timer(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.at(9)
        await made.lifecycle.chat_message("u1", made.clock())
        assert await in_state(made, PROACTIVE), "proactive never turns reactive"
        await made.at(18.75)
        assert await in_state(made, PROACTIVE)
        await made.at(20)
        assert await in_state(made, THINKING, cooling=True)
        await made.lifecycle.chat_message("u1", made.clock())
        assert await in_state(made, REACTIVE)


@asynchronous
async def test_counts_chat_messages_without_a_session(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.lifecycle.chat_message("widget-session-id", made.clock())
        assert made.lifecycle.counts["chat_without_session"] == 1


@asynchronous
async def test_open_chat_accepts_the_offer(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.reported(made.open_offer(), "rendered")
        await made.lifecycle.accepted("u1", made.open_offer(), made.clock())
        assert [o.status for o in await made.offers()] == [OfferStatus.ACCEPTED]
        assert await in_state(made, PROACTIVE)


@pytest.mark.parametrize("asked_by_offer", [True, False])
@asynchronous
async def test_open_chat_after_the_timeout_counts_as_a_user_request_that_times_out(
    engine: MakeEngine, asked_by_offer: bool
) -> None:
    async with engine() as made:
        await need_help(made)
        offer = made.open_offer()
        await made.reported(offer, "rendered")
        await made.at(15)
        await made.lifecycle.accepted("u1", offer if asked_by_offer else None, made.clock())
        assert await in_state(made, REACTIVE)
        await made.at(25)
        assert await in_state(made, THINKING, cooling=True), "the cooldown begins then, not at the next event"
        await made.at(45)
        assert await in_state(made, THINKING)


@asynchronous
async def test_only_a_late_yes_counts_as_a_user_request(engine: MakeEngine) -> None:
    async with engine() as made:
        for user in ("u1", "u2"):
            await need_help(made, user=user, session=user)
            await made.reported(made.open_offer(user), "rendered")
        await made.at(15)
        for user, event, state in (("u1", "accepted", REACTIVE), ("u2", "dismissed", THINKING)):
            await made.reported(made.open_offer(user), event)
            assert (await made.session(user)).state.current_state is state


@asynchronous
async def test_answer_before_any_receipt_counts_as_seen(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.at(1)
        await made.reported(made.open_offer(), "dismissed")
        (offer,) = await made.offers()
        assert offer.rendered_at == T0 + 1
        assert await in_state(made, PROACTIVE)


@asynchronous
async def test_feeds_of_other_users_get_nothing(engine: MakeEngine) -> None:
    async with engine() as made:
        await need_help(made)
        await made.listen(user="u2", feed="f2")
        assert not made.publisher.pushed


@asynchronous
async def test_reconnected_gateway_gets_the_offer(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        made.publisher.away.add("d1")
        await need_help(made)
        assert made.open_offer().status is OfferStatus.QUEUED
        made.publisher.away.clear()
        feed = FeedInfo("f1", "u1")
        made.presence.replace("d1", [feed])
        made.core.late_deliveries.feed_opened(feed, made.clock())
        await made.finish_pending()
        assert len(made.publisher.pushed) == 1
