"""Event or time → session → decision → offer: when the engine makes an offer, and when it does not."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
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
    save,
    settings,
    tour_path,
)
from support.run import asynchronous, passes

from example_bot.triggers import bulk_edit_opportunity
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events, remembers, title_contains
from rasa_autoplay.engine.triggers.page_dwell import UserPageDwellTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import ActionsPayload, SlimAction

QUESTION = "Shall I show you how?"
BULK_EDIT = predicate_trigger(
    bulk_edit_opportunity, "bulk_edit_opportunity", body=QUESTION, golden_path="bulk"
)


@pytest.fixture
def engine(tmp_path: Path) -> Callable[..., EngineParts]:
    def build(*triggers: ConfiguredTrigger, **options: Any) -> EngineParts:
        return EngineParts(tmp_path, triggers or (BULK_EDIT,), paths=[tour_path()], **options)

    return build


MakeEngine = Callable[..., EngineParts]


@asynchronous
async def test_three_saves_make_exactly_one_offer(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        for at in (0, 30):
            await made.at(at)
            await made.take(batch(save(at)))
        assert not made.publisher.pushed
        await made.at(60)
        await made.take(batch(save(60)))
        (toast,) = made.publisher.toasts
        offer = made.open_offer()
        assert toast["offer_id"] == offer.offer_id
        assert (toast["body"], toast["trigger_id"]) == (QUESTION, "bulk_edit_opportunity")
        assert (toast["session_id"], toast["expires_at"]) == ("s1", T0 + 60 + 120)
        assert [tour["id"] for tour in toast["tours"]] == ["bulk"]
        await made.delivered(offer)
        await made.at(60 + 112)
        assert len(made.publisher.pushed) == 1


def saves(*ats: float) -> list[SlimAction]:
    return [save(at) for at in ats]


@pytest.mark.parametrize(
    "story",
    [
        [*saves(0, 30, 60), action("View dashboard", 61, "https://app.example.com/dashboard")],
        saves(0, 60),
        saves(0, 60, 121),
        [save(0), save(10), save(20, "https://app.example.com/settings"), action("View", 30)],
        [action("Click Bulk edit", 0), *saves(10, 20, 30)],
        [action("Click APPLY TO 3", 0), *saves(10, 20, 30)],
    ],
    ids=[
        "on another page now",
        "too few",
        "too far apart",
        "some on another page",
        "bulk edit known",
        "applied before",
    ],
)
@asynchronous
async def test_incomplete_or_resolved_stories_make_no_offer(
    engine: MakeEngine, story: Sequence[SlimAction]
) -> None:
    async with engine() as made:
        made.clock.now = T0 + 122
        await made.take(batch(*story))
        await made.at(200)
        assert not await made.offers()


@asynchronous
async def test_remembers_bulk_edit_after_it_leaves_the_window(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("Click Bulk edit", 0)))
        await made.at(900)
        await made.take(batch(*saves(880, 890, 900)))
        assert not await made.offers()


STORY = [action("View projects", 0, type="pageview"), *saves(10, 20, 30)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
@asynchronous
async def test_result_is_independent_of_order_and_duplicates(
    engine: MakeEngine, order: Sequence[int]
) -> None:
    async with engine() as made:
        made.clock.now = T0 + 40
        await made.take(*(batch(STORY[i]) for i in order), *(batch(STORY[i]) for i in order))
        assert len(await made.offers()) == 1
        assert made.core.counts["duplicate_actions"] == 4
        assert made.core.counts["actions"] == 4


@asynchronous
async def test_resent_save_with_another_time_counts_once(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 40
        for at, event_id in ((10, 1), (20, 2), (22, 2), (25, 1)):
            payload = batch(save(at))
            payload.event_ids = [event_id]
            await made.take(payload)
        assert not await made.offers()
        assert (made.core.counts["actions"], made.core.counts["duplicate_actions"]) == (2, 2)


@asynchronous
async def test_newest_action_by_time_determines_the_page(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 40
        elsewhere = action("View dashboard", 35, "https://app.example.com/dashboard")
        await made.take(batch(elsewhere), batch(*saves(10, 20, 30)))
        assert not await made.offers()


async def timed_out(made: EngineParts, until: float) -> None:
    """Show the open offer without a reaction, and let timeout and cooldown pass."""
    await made.reported(made.open_offer(), "rendered")
    await made.at(until)


@asynchronous
async def test_consumes_evidence(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30)))
        await timed_out(made, 70)
        await made.take(batch(*saves(61, 62)))
        await made.take(batch(*saves(10, 20, 30)))
        assert len(await made.offers()) == 1, "two new saves and three used ones"
        await made.take(batch(save(63)))
        assert len(await made.offers()) == 2


@asynchronous
async def test_consumes_late_actions_from_before_the_offer(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30)))
        await timed_out(made, 70)
        await made.take(batch(*saves(11, 21, 29, 61, 62)))
        assert len(await made.offers()) == 1


@asynchronous
async def test_accepts_only_the_first_of_two_sources(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(save(10)), source="capture")
        await made.take(batch(*saves(10.5, 20.5, 30)), source="stream")
        assert not await made.offers()
        assert made.core.counts["duplicate_source"] == 3
        await made.take(batch(*saves(20, 30)), source="capture")
        assert len(await made.offers()) == 1


@asynchronous
async def test_source_with_other_session_ids_counts_as_a_second_source(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(save(10)), source="capture")
        await made.take(batch(*saves(10, 20, 30), session="s2"), source="stream")
        assert not await made.offers()
        assert made.core.counts["duplicate_source"] == 3
        assert len(made.sessions) == 1
        await made.take(batch(*saves(10, 20, 30), session="s3"), source="capture")
        (offer,) = await made.offers()
        assert offer.session_id == "s3"


@asynchronous
async def test_second_source_takes_over_when_the_first_falls_silent(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("Look", 0)), source="capture")
        made.clock.now = T0 + 300
        await made.take(batch(*saves(280, 290, 300), session="s2"), source="stream")
        (offer,) = await made.offers()
        assert offer.session_id == "s2"
        await made.take(batch(*saves(280, 290, 300)), source="capture")
        assert made.core.counts["duplicate_source"] == 3


@asynchronous
async def test_sources_of_different_users_do_not_conflict(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30)), source="capture")
        await made.take(batch(*saves(10, 20, 30), session="s2", user="u2"), source="stream")
        await made.take(batch(*saves(10, 20, 30), session="s3", user=None), source="webhook")
        assert [len(await made.offers(user)) for user in ("u1", "u2")] == [1, 1]
        assert made.core.counts["duplicate_source"] == 0


@asynchronous
async def test_resent_old_batch_does_not_restore_a_former_user(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(action("Look", 10)))
        await made.take(batch(action("Sign in", 20), user="u2"))
        await made.take(batch(action("Look again", 20.5), user="u2"), batch(action("Sign in", 20)))
        assert (await made.session()).user_id == "u2"
        assert made.core.counts["from_former_user"] == 1
        await made.take(batch(action("Sign in again", 25)))
        assert (await made.session()).user_id == "u1"


def proved(*actions: SlimAction, user: str = "u1", **fields: Any) -> ActionsPayload:
    """A batch that came with the user's token."""
    payload = batch(*actions, user=user)
    for name, value in {"is_verified": True, **fields}.items():
        setattr(payload, name, value)
    return payload


@asynchronous
async def test_session_keeps_its_first_verified_user(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 60
        await made.take(proved(save(10), save(20)))
        stranger = proved(action("Steal", 25), user="u2")
        unproved = batch(action("Pretend", 26), user="u3")
        await made.take(stranger, unproved)
        session = await made.session()
        assert (session.user_id, len(session.window)) == ("u1", 2)
        await made.take(proved(save(30)))
        assert len(await made.offers("u1")) == 1


@asynchronous
async def test_users_who_share_a_browser_have_separate_sessions(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 60
        await made.take(proved(save(1), save(2), email="u1@a.example", properties={"plan": "pro"}))
        await made.take(proved(save(10), user="u2", email="u1@a.example"))
        await made.take(proved(save(20), save(30), user="u2", email="u2@a.example"))
        (offer,) = await made.offers("u2")
        assert offer.session_id not in ("", "s1")
        theirs = await made.session(offer.session_id)
        assert [each.timestamp_start - T0 for each in theirs.window.actions] == [10, 20, 30]
        assert (theirs.email, theirs.properties) == ("u2@a.example", None)
        assert {each.email for each in theirs.window.actions} == {None, "u2@a.example"}
        # The first user returns, and their actions are still there.
        await made.take(proved(save(40)))
        assert len(await made.offers("u1")) == 1


@asynchronous
async def test_late_batch_of_the_former_user_does_not_affect_the_current_one(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(action("Look", 5)))
        await made.take(batch(save(10), save(20), user="u2"))
        await made.take(batch(action("Sign out", 7), action("Click", 15)))
        assert made.core.counts["from_former_user"] == 2
        session = await made.session()
        assert (session.user_id, len(session.window)) == ("u2", 2)
        await made.take(batch(save(30), user="u2"))
        (offer,) = await made.offers("u2")
        assert offer.user_id == "u2", "all three saves were still there"
        assert not await made.offers("u1")


@asynchronous
async def test_signed_in_user_without_actions_stays_signed_in(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 10
        await made.take(batch(action("Look", 5)))
        await made.take(batch(user="u2"))
        await made.take(batch(action("Sign out", 7)))
        session = await made.session()
        assert (session.user_id, len(session.window)) == ("u2", 0)
        made.clock.now = T0 + 20
        await made.take(batch(action("Sign in again", 15)))
        assert (await made.session()).user_id == "u1"


@asynchronous
async def test_resent_old_batch_does_not_make_its_session_the_latest(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("Look", 0)))
        made.clock.now = T0 + 10
        await made.take(batch(action("Look", 10), session="s2"))
        made.clock.now = T0 + 20
        await made.take(batch(action("Look", 0)))
        latest = await made.sessions.latest_of("demo", "u1")
        assert latest is not None
        assert latest.key == ("demo", "s2")


@asynchronous
async def test_actions_older_than_the_session_lifetime_start_no_session(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 1801
        await made.take(batch(*saves(-10, 0)))
        assert len(made.sessions) == 0
        assert made.core.counts["stale_actions"] == 2
        await made.take(batch(*saves(0, 2)))
        assert len(made.sessions) == 1


@asynchronous
async def test_keeps_products_with_one_session_id_apart(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20)), batch(save(30), product="other", user="u2"))
        assert not await made.offers()
        assert not await made.offers("u2", "other")


@asynchronous
async def test_user_identified_late_gets_the_offer_then(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30), user=None))
        assert len(made.open_offers) == 0
        assert len(made.timers) == 0
        await made.take(batch(user="u1"))
        (offer,) = await made.offers()
        assert offer.user_id == "u1"


@asynchronous
async def test_next_user_of_the_session_does_not_inherit_the_saves(engine: MakeEngine) -> None:
    async with engine() as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20)), batch(save(30), user="u2"))
        assert len(made.open_offers) == 0
        await made.take(batch(*saves(31, 32), user="u2"))
        (offer,) = await made.offers("u2")
        assert not await made.offers("u1")
        assert offer.user_id == "u2"


class SlowLedger(SqlOfferLedger):
    """Writes only when the test lets it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"sqlite:///{folder / 'slow.db'}")
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        self.asked.set()
        await self.go.wait()
        return await super().history(product_id, user_id)


@asynchronous
async def test_user_who_leaves_during_the_decision_gets_no_offer(engine: MakeEngine, tmp_path: Path) -> None:
    ledger = SlowLedger(tmp_path)
    async with engine(ledger=ledger) as made:
        made.clock.now = T0 + 30
        old = Offer("o", "bulk_edit_opportunity", QUESTION, "demo", "s0", "u1", T0 - 500, T0 - 400, T0 - 500)
        old.status = OfferStatus.NEVER
        await ledger.save(old)
        await made.core.updater.apply(batch(*saves(10, 20, 30)), "capture", made.clock())
        await ledger.asked.wait()
        await made.core.updater.apply(batch(save(30.5), user="u2"), "capture", made.clock())
        ledger.go.set()
        await made.driver.finish_pending()
        assert not made.publisher.pushed
        await made.take(batch(*saves(31, 32), user="u2"))
        assert [offer.user_id for offer in await made.offers("u2")] == ["u2"], "the former user's never holds"


@asynchronous
async def test_does_not_interrupt_a_chat_begun_during_the_decision(
    engine: MakeEngine, tmp_path: Path
) -> None:
    ledger = SlowLedger(tmp_path)
    async with engine(ledger=ledger) as made:
        made.clock.now = T0 + 30
        await made.core.updater.apply(batch(*saves(10, 20, 30)), "capture", made.clock())
        await ledger.asked.wait()
        await made.lifecycle.chat_message("u1", made.clock())
        ledger.go.set()
        await made.driver.finish_pending()
        assert len(made.open_offers) == 0
        await made.at(65)
        assert len(await made.offers()) == 1, "the chat has timed out and the cooldown is over"


@asynchronous
async def test_evaluates_events_that_arrive_during_a_decision_afterwards(
    engine: MakeEngine, tmp_path: Path
) -> None:
    ledger = SlowLedger(tmp_path)
    async with engine(ledger=ledger) as made:
        made.clock.now = T0 + 30
        await made.core.updater.apply(batch(*saves(10, 20, 30)), "capture", made.clock())
        await ledger.asked.wait()
        await made.core.updater.apply(batch(*saves(10, 20, 30)), "capture", made.clock())
        await made.core.updater.apply(batch(save(30.5)), "capture", made.clock())
        ledger.go.set()
        await made.driver.finish_pending()
        assert len(await made.offers()) == 1


@asynchronous
async def test_two_sessions_of_a_user_share_one_offer(engine: MakeEngine, tmp_path: Path) -> None:
    ledger = SlowLedger(tmp_path)
    async with engine(ledger=ledger) as made:
        made.clock.now = T0 + 30
        for session in ("s1", "s2"):
            await made.core.updater.apply(batch(*saves(1, 2, 3), session=session), "capture", made.clock())
        ledger.go.set()
        await made.driver.finish_pending()
        assert len(await made.offers()) == 1


def raising(_ctx: ProactiveTriggerContext) -> bool:
    raise RuntimeError("somebody's mistake")


@asynchronous
async def test_trigger_that_raises_does_not_silence_the_others(
    engine: MakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine(predicate_trigger(raising, "broken"), BULK_EDIT) as made:
        made.clock.now = T0 + 30
        await made.take(*(batch(each) for each in saves(10, 20, 30)))
        assert [offer.trigger_id for offer in await made.offers()] == ["bulk_edit_opportunity"]
        assert made.core.counts["trigger_errors"] >= 3
        told = [r for r in caplog.records if "'broken'" in r.getMessage()]
        assert len(told) == 1, "told once, with its traceback"
        assert told[0].exc_info


@asynchronous
async def test_scheduler_that_raises_does_not_silence_the_others(engine: MakeEngine) -> None:
    trigger = predicate_trigger(never, "broken")
    broken = ConfiguredTrigger("broken", trigger.evaluate, wakes_at=raising)
    async with engine(broken, BULK_EDIT) as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30)))
        assert len(await made.offers()) == 1
        assert made.core.counts["trigger_errors"] == 1


def raising_matcher(_action: SlimAction) -> bool:
    raise RuntimeError("somebody's mistake")


@asynchronous
async def test_matcher_that_raises_does_not_silence_the_others(
    engine: MakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    broken = predicate_trigger(only_events(remembers(x=raising_matcher)(never_again)), "broken")
    async with engine(broken, BULK_EDIT) as made:
        made.clock.now = T0 + 30
        await made.take(*(batch(each) for each in saves(10, 20, 30)))
        assert [offer.trigger_id for offer in await made.offers()] == ["bulk_edit_opportunity"]
        assert len([r for r in caplog.records if "'broken'" in r.getMessage()]) == 1


def never(_ctx: ProactiveTriggerContext) -> bool:
    return False


def never_again(_ctx: ProactiveTriggerContext) -> bool:
    return False


def always(ctx: ProactiveTriggerContext) -> bool:
    return bool(ctx.recent_actions)


@asynchronous
async def test_offers_for_the_first_trigger_that_fires(engine: MakeEngine) -> None:
    triggers = [predicate_trigger(never, "a"), predicate_trigger(always, "b"), predicate_trigger(always, "c")]
    async with engine(*triggers) as made:
        await made.take(batch(action("Click", 0)))
        assert [offer.trigger_id for offer in await made.offers()] == ["b"]


@asynchronous
async def test_text_of_the_entry_overrides_the_triggers_text(engine: MakeEngine) -> None:
    speaking = predicate_trigger(title_is("a"), "a", body="Its own words")
    async with engine(ConfiguredTrigger("a", speaking.evaluate, speaking.wakes_at)) as made:
        await made.take(batch(action("a", 0)))
        assert made.open_offer().body == "Its own words"
    async with engine(
        ConfiguredTrigger("a", speaking.evaluate, speaking.wakes_at, body="The entry's")
    ) as made:
        await made.take(batch(action("a", 0), user="u2"))
        assert made.open_offer("u2").body == "The entry's"


def quiet_for_half_a_minute(ctx: ProactiveTriggerContext) -> bool:
    newest = max(a.timestamp_start for a in ctx.recent_actions)
    return bool(ctx.context_extra["eval_now"] >= newest + 30)


@asynchronous
async def test_evaluates_an_opaque_predicate_on_the_slow_tick(engine: MakeEngine) -> None:
    async with engine(predicate_trigger(quiet_for_half_a_minute)) as made:
        await made.take(batch(action("Click", 0)))
        await made.at(29.75)
        assert not await made.offers()
        evaluations = made.core.counts["evaluations"]
        assert evaluations == 3, "at once, and after 10 and 20 s"
        await made.at(30)
        assert len(await made.offers()) == 1


@asynchronous
async def test_the_slow_tick_has_the_configured_pace(engine: MakeEngine) -> None:
    async with engine(
        predicate_trigger(quiet_for_half_a_minute), configuration=settings(poll_interval="25s")
    ) as made:
        await made.take(batch(action("Click", 0)))
        await made.at(49.75)
        assert not await made.offers()
        await made.at(50)
        assert len(await made.offers()) == 1


def dwell_trigger(seconds: float = 60.0) -> ConfiguredTrigger:
    dwell = UserPageDwellTrigger(default_threshold_s=seconds)
    return ConfiguredTrigger("dwell", dwell.evaluate, dwell.wakes_at)


@asynchronous
async def test_schedules_a_time_aware_trigger_for_its_moment(engine: MakeEngine) -> None:
    async with engine(dwell_trigger(47)) as made:
        await made.take(batch(action("View", 0)))
        assert len(made.timers) == 1
        await made.at(46.75)
        assert made.core.counts["evaluations"] == 1, "nothing happened in between"
        assert not await made.offers()
        await made.at(47)
        assert len(await made.offers()) == 1


@asynchronous
async def test_idle_session_has_no_timer(engine: MakeEngine) -> None:
    events_only = predicate_trigger(only_events(lambda _ctx: False), "events only")
    async with engine(events_only, BULK_EDIT) as made:
        await made.take(batch(action("Click", 0)))
        assert len(made.timers) == 0
    async with engine(predicate_trigger(never)) as made:
        await made.take(batch(action("Click", 0)))
        assert len(made.timers) == 1
        await made.at(320)
        assert len(made.timers) == 0, "nothing in the window can change any more"


@asynchronous
async def test_does_not_evaluate_a_trigger_on_consumed_evidence(engine: MakeEngine) -> None:
    # A fast browser clock dates the evidence into the future.
    fires_always = predicate_trigger(lambda _ctx: True)
    configuration = settings(courtesy={"min_interval": 0})
    async with engine(fires_always, configuration=configuration) as made:
        await made.take(batch(action("Click", 250)))
        offer = made.open_offer()
        await asyncio.wait_for(made.at(130), 60.0)
        assert [o.status for o in await made.offers()] == [OfferStatus.EXPIRED]
        assert (await made.offers())[0].offer_id == offer.offer_id
        assert made.core.counts["evaluations"] < 20


@asynchronous
async def test_next_toast_waits_for_the_minimum_interval(engine: MakeEngine) -> None:
    triggers = [predicate_trigger(title_is("a"), "a"), predicate_trigger(title_is("b"), "b")]
    async with engine(*triggers, configuration=settings(courtesy={"min_interval": "60s"})) as made:
        await made.take(batch(action("a", 0)))
        await timed_out(made, 40)
        await made.take(batch(action("b", 40)))
        assert made.core.counts["held_by_min_interval"] == 1
        await made.at(59.75)
        assert len(await made.offers()) == 1
        await made.at(60)
        assert [offer.trigger_id for offer in await made.offers()] == ["a", "b"]


def title_is(title: str) -> Callable[[ProactiveTriggerContext], bool]:
    @only_events
    def newest_is(ctx: ProactiveTriggerContext) -> bool:
        return any(a.title == title for a in ctx.recent_actions)

    return newest_is


@asynchronous
async def test_notifies_observers_of_every_decision(engine: MakeEngine) -> None:
    triggers = [predicate_trigger(title_is("a"), "a"), predicate_trigger(title_is("b"), "b")]
    async with engine(*triggers, configuration=settings(courtesy={"min_interval": "60s"})) as made:
        await made.take(batch(action("a", 0)))
        await timed_out(made, 40)
        await made.take(batch(action("b", 40)))
        told = [(d.at - T0, d.outcome, d.trigger_id, d.gate, d.until) for d in made.decisions]
        assert told == [
            (0, "fired", "a", "", 0.0),
            (0, "offered", "a", "", 0.0),
            (40, "fired", "b", "", 0.0),
            (40, "stopped", "b", "min_interval", T0 + 60),
        ]
        offer_id = (await made.offers())[0].offer_id
        assert [d.offer_id for d in made.decisions] == ["", offer_id, "", ""]
        assert {(d.user_id, d.session_id) for d in made.decisions} == {("u1", "s1")}


@asynchronous
async def test_unseen_offer_does_not_count_towards_caps(engine: MakeEngine) -> None:
    triggers = [
        predicate_trigger(title_is("a"), "a", offer_ttl_s=10),
        predicate_trigger(title_is("b"), "b"),
    ]
    async with engine(*triggers, configuration=settings(courtesy={"min_interval": "5m"})) as made:
        await made.take(batch(action("a", 0)))
        await made.at(9)
        await made.take(batch(action("b", 9)))
        assert len(await made.offers()) == 1, "one at a time"
        await made.at(10)
        offers = await made.offers()
        assert [(o.trigger_id, o.status) for o in offers] == [
            ("a", OfferStatus.EXPIRED),
            ("b", OfferStatus.QUEUED),
        ], "no cooldown, no interval, and nothing but time was needed"


@asynchronous
async def test_makes_the_offer_when_the_database_fails(engine: MakeEngine, tmp_path: Path) -> None:
    ledger = SqlOfferLedger(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    async with engine(ledger=ledger) as made:
        await made.listen()
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30)))
        assert len(made.publisher.toasts) == 1
        assert ledger.problem


class RaisingLedger(SqlOfferLedger):
    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        raise RuntimeError("a mistake of ours")


@asynchronous
async def test_session_keeps_working_after_a_failed_decision(engine: MakeEngine, tmp_path: Path) -> None:
    async with engine(ledger=RaisingLedger(f"sqlite:///{tmp_path / 'a.db'}")) as made:
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30)))
        session = await made.session()
        assert not session.deciding
        assert session.triggers.evidence_after("bulk_edit_opportunity") == T0 + 30, (
            "else it would fail for ever"
        )


@asynchronous
async def test_replay_after_a_restart_makes_no_second_offer(engine: MakeEngine) -> None:
    story = [batch(save(at)) for at in (10, 20, 30, 31)]
    first = engine()
    first.clock.now = T0 + 32
    await first.take(*story)
    again = await first.restarted()
    async with again:
        await again.take(*(batch(save(at)) for at in (10, 20, 30, 31)))
        assert len(await again.offers()) == 1
        await again.reported(again.open_offer(), "rendered")
        await again.at(80)
        await again.take(batch(save(79)))
        assert len(await again.offers()) == 1, "two new saves since the offer"
        await again.take(batch(save(80)))
        assert len(await again.offers()) == 2


@asynchronous
async def test_source_that_resends_all_after_a_restart_makes_no_second_offer(
    engine: MakeEngine,
) -> None:
    first = engine()
    first.clock.now = T0 + 31
    await first.take(batch(*saves(10, 20, 30)))
    await first.reported(first.open_offer(), "rendered")
    again = await first.restarted()
    async with again:
        await again.take(batch(*saves(10, 20, 30, 31)))
        assert len(await again.offers()) == 1, "one save is new, three were used up before the restart"
        await again.take(batch(*saves(32, 33)))
        assert len(await again.offers()) == 1, "timeout and cooldown go on where they were"
        await again.at(60.75)
        assert len(await again.offers()) == 1
        await again.at(61)
        assert len(await again.offers()) == 2


@asynchronous
async def test_waiting_offer_is_delivered_once_after_a_restart(
    engine: MakeEngine,
) -> None:
    first = engine()
    first.clock.now = T0 + 30
    await first.take(batch(*saves(10, 20, 30)))
    offer_id = first.open_offer().offer_id
    again = await first.restarted()
    async with again:
        await again.listen()
        assert [toast["offer_id"] for toast in again.publisher.toasts] == [offer_id]


@asynchronous
async def test_log_shows_the_story_in_order(engine: MakeEngine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rasa_autoplay")
    async with engine() as made:
        await made.listen(feed="f1")
        await made.listen(feed="f2")
        made.clock.now = T0 + 30
        await made.take(batch(*saves(10, 20, 30)))
        offer_id = made.open_offer().offer_id
    assert [record.getMessage() for record in caplog.records] == [
        "trigger fired: session=s1 user=u1 trigger=bulk_edit_opportunity",
        f"published: user=u1 trigger=bulk_edit_opportunity offer={offer_id} (subscribers=2)",
    ]


@asynchronous
async def test_trigger_receives_the_sessions_context(engine: MakeEngine) -> None:
    seen: list[ProactiveTriggerContext] = []

    @remembers(was_there=title_contains("first"))
    def look(ctx: ProactiveTriggerContext) -> bool:
        seen.append(ctx)
        return False

    async with engine(predicate_trigger(look)) as made:
        made.clock.now = T0 + 5
        payload = batch(action("second", 2), action("first", 1), action("no page", 3, ""))
        payload.email = "anna@example.com"
        await made.take(payload)
    (ctx,) = seen
    assert [a.title for a in ctx.recent_actions] == ["first", "second", "no page"]
    assert list(ctx.canonical_urls) == [PROJECTS, PROJECTS, None]
    assert (ctx.product_id, ctx.session_id, ctx.action_count) == ("demo", "s1", 3)
    extra = dict(ctx.context_extra or {})
    assert extra.pop("workflow_progress").positions == {}
    assert extra == {
        "eval_now": T0 + 5,
        "user_id": "u1",
        "email": "anna@example.com",
        "remembered": frozenset({"was_there"}),
        "silenced": frozenset(),
        "session_action_count": 3,
        "window_actions": ctx.recent_actions,
        "evidence_after": 0.0,
        "user_history": None,
    }
    assert {(a.user_id, a.session_id, a.email) for a in ctx.recent_actions} == {
        ("u1", "s1", "anna@example.com")
    }


@asynchronous
async def test_finish_pending_waits_for_follow_up_decisions(engine: MakeEngine, tmp_path: Path) -> None:
    ledger = SlowLedger(tmp_path)
    async with engine(ledger=ledger) as made:
        made.clock.now = T0 + 30
        await made.core.updater.apply(batch(*saves(10, 20, 30)), "capture", made.clock())
        settling = asyncio.get_running_loop().create_task(made.driver.finish_pending())
        await passes()
        assert not settling.done()
        ledger.go.set()
        await settling
        assert len(await made.offers()) == 1
