"""An offer that chance withholds never reaches the user, and counts as a toast that the user ignores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import (
    PROJECTS,
    T0,
    EngineParts,
    action,
    batch,
    browser_calls,
    predicate_trigger,
    settings,
    tour_path,
)
from support.run import asynchronous

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.rollout import allocation
from rasa_autoplay.engine.rollout.buckets import bucket
from rasa_autoplay.engine.sessions.state import AgentStateV2
from rasa_autoplay.engine.triggers.configured import trigger as configured_trigger
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.limits import TriggerLimitSettings
from rasa_autoplay.settings.rollout import RolloutSettings

MakeEngine = Callable[..., EngineParts]


def wants(title: str, rollout: Any = "ghost", **fields: Any) -> ConfiguredTrigger:
    """A trigger that fires after an action of that title on the projects page."""

    @only_events
    def did(ctx: ProactiveTriggerContext) -> bool:
        here = ctx.recent_actions[-1].canonical_url == PROJECTS
        return here and any(each.title == title for each in ctx.recent_actions)

    own = TriggerLimitSettings.parse_obj(fields.pop("courtesy", {}))
    share = RolloutSettings.validate(rollout)
    return predicate_trigger(did, title, courtesy=own, rollout=share, **fields)


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    def build(*triggers: ConfiguredTrigger, holdout: Any = None, **limits: Any) -> EngineParts:
        own = settings(courtesy=limits, holdout=holdout)
        return EngineParts(tmp_path, triggers or [wants("a")], configuration=own, paths=[tour_path("bulk")])

    return build


async def does(made: EngineParts, title: str, **more: Any) -> None:
    where = {name: more.pop(name) for name in ("user", "session") if name in more}
    await made.take(batch(action(title, made.clock.now - T0, PROJECTS, **more), **where))


def told(made: EngineParts) -> list[tuple[str, str, str]]:
    return [(each.outcome, each.trigger_id, each.gate) for each in made.decisions]


async def only(made: EngineParts, user: str = "u1") -> Offer:
    (offer,) = await made.offers(user)
    return offer


# --- the record --------------------------------------------------------------------------------------------


@asynchronous
async def test_ghost_records_the_decision_and_sends_nothing(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await does(made, "a")
        await made.at(1)
        offer = await only(made)
        assert (offer.status, offer.arm, offer.show_probability) == (OfferStatus.WITHHELD, Arm.GHOST, 0.0)
        assert made.publisher.pushed == []
        assert told(made) == [("fired", "a", ""), ("withheld", "a", "")]
        assert made.decisions[-1].offer_id == offer.offer_id
        assert (made.decisions[-1].arm, made.decisions[-1].detail) == (
            "ghost",
            "the trigger's rollout is ghost",
        )
        assert made.core.counts["offers_withheld"] == 1
        assert made.core.counts["offers"] == 0


@asynchronous
async def test_holdout_comes_before_the_rollout(engine: MakeEngine) -> None:
    async with engine(wants("a", "live"), holdout={"share": "100%"}) as made:
        await made.listen()
        await does(made, "a")
        offer = await only(made)
        assert (offer.arm, offer.show_probability, offer.holdout_probability) == (Arm.HOLDOUT, 0.0, 1.0)
        assert made.publisher.pushed == []


@asynchronous
async def test_share_splits_users_into_two_arms(engine: MakeEngine) -> None:
    async with engine(wants("a", {"share": "50%", "salt": "s"})) as made:
        for number in range(40):
            await made.listen(f"u{number}", f"f{number}")
            await does(made, "a", user=f"u{number}", session=f"s{number}")
        offers = [await only(made, f"u{number}") for number in range(40)]
        shown = {offer.user_id for offer in offers if offer.arm is Arm.SHOWN}
        assert {offer.arm for offer in offers} == {Arm.SHOWN, Arm.CONTROL}
        assert {frame.user_id for _, frame in made.publisher.pushed} == shown
        assert {offer.show_probability for offer in offers} == {0.5}


@asynchronous
async def test_counts_as_shown_at_once_if_a_feed_that_sends_receipts_is_open(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen(receipts=True)
        await does(made, "a")
        await made.at(0.25)
        assert (await only(made)).rendered_at == T0 + 0.25, "the first moment at which timers run"
        assert (await made.session()).state.current_state is AgentStateV2.PROACTIVE


@asynchronous
async def test_counts_as_shown_2_s_later_on_pages_without_receipts(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.listen()
        await does(made, "a")
        await made.at(1.75)
        assert not (await only(made)).rendered_at
        await made.at(2)
        assert (await only(made)).rendered_at == T0 + 2


@asynchronous
async def test_waits_for_a_feed_and_is_checked_again(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a")
        await made.at(20)
        assert not (await only(made)).rendered_at
        await made.listen()
        await made.at(22)
        assert (await only(made)).rendered_at == T0 + 22
        assert made.publisher.pushed == []


@asynchronous
async def test_is_withdrawn_when_its_user_has_moved_on(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a")
        await made.at(5)
        await made.take(batch(action("Elsewhere", 5, "https://app.example.com/dashboard")))
        await made.listen()
        await made.at(10)
        offer = await only(made)
        assert (offer.rendered_at, offer.is_open, offer.status) == (0.0, False, OfferStatus.WITHHELD)
        assert [r.event for r in await made.ledger.receipts([offer.offer_id])] == ["withdrawn"]


@asynchronous
async def test_ends_when_it_would_have_expired(engine: MakeEngine) -> None:
    async with engine(wants("a", offer_ttl_s=60.0)) as made:
        await made.listen()
        await does(made, "a")
        await made.at(59)
        assert (await only(made)).is_open
        await made.at(61)
        assert (await only(made)).closed_at == T0 + 60
        assert made.open_offers.of_user("u1") is None


@asynchronous
async def test_its_life_says_that_nothing_was_shown(engine: MakeEngine) -> None:
    async with engine(wants("a", offer_ttl_s=60.0)) as made:
        await made.listen()
        await does(made, "a")
        await made.at(61)
        assert (await only(made)).life() == {"withheld": T0, "counted_as_shown": T0 + 2, "ended": T0 + 60}


# --- it never reaches a browser ----------------------------------------------------------------------------


@asynchronous
async def test_never_reaches_a_new_tab(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a")
        for tab in range(3):
            await made.listen(feed=f"f{tab}", gateway=f"d{tab}")
            await made.at(made.clock.now - T0 + 5)
        assert made.publisher.pushed == []


@pytest.mark.parametrize("has_feed", [False, True])
@asynchronous
async def test_never_reaches_a_browser_after_a_restart(engine: MakeEngine, has_feed: bool) -> None:
    made = engine()
    if has_feed:
        await made.listen()
    await does(made, "a")
    await made.at(3)
    async with await made.restarted() as again:
        assert again.open_offer().is_withheld
        await again.listen()
        await again.at(10)
        assert again.publisher.pushed == []
        rendered_at = (await only(again)).rendered_at
        assert rendered_at == T0 + (2 if has_feed else 5), "a restart does not change when it counts"


@asynchronous
async def test_no_receipt_can_answer_it(engine: MakeEngine) -> None:
    async with engine() as made:
        await does(made, "a")
        offer = await only(made)
        for event in ("rendered", "seen", "accepted", "dismissed", "never"):
            assert not await made.lifecycle.receipt(offer.offer_id, event, made.clock(), "u1")
        assert await only(made) == offer
        assert await made.ledger.receipts([offer.offer_id]) == []


@asynchronous
async def test_open_chat_does_not_find_it(engine: MakeEngine) -> None:
    async with engine(wants("a", golden_path="bulk", body="")) as made:
        await does(made, "a")
        offer = await only(made)
        calls = browser_calls(made)
        for trigger_id, offer_id in (("", ""), ("a", ""), ("a", offer.offer_id), ("", offer.offer_id)):
            with pytest.raises(EngineRefused):
                await calls.prepare_inject("u1", trigger_id, offer_id)
            with pytest.raises(EngineRefused):
                await calls.explain_steps("u1", trigger_id, offer_id)
        assert await only(made) == offer
        assert not (await made.session()).is_engaged


@asynchronous
async def test_open_chat_means_the_earlier_offer_that_the_user_has(engine: MakeEngine) -> None:
    async with engine(wants("a", "live", interaction_timeout_s=5.0, cooldown_s=1.0), wants("b")) as made:
        await made.listen()
        await does(made, "a")
        shown = made.open_offer()
        await made.delivered(shown)
        await made.reported(shown, "rendered")
        await made.at(10)
        await does(made, "b")
        assert made.open_offer().is_withheld
        question = await browser_calls(made).prepare_inject("u1", "", "")
        assert question.offer_id == shown.offer_id


@asynchronous
async def test_a_tour_that_the_user_starts_says_nothing_about_it(engine: MakeEngine) -> None:
    async with engine(wants("a", golden_path="bulk")) as made:
        await does(made, "a")
        offer = await only(made)
        assert [tour.id for tour in offer.tours] == ["bulk"], "it has the tour that would have been offered"
        await browser_calls(made).start_tour("u1", "bulk", offer.offer_id)
        await made.lifecycle.tour_ended("u1", made.clock(), "finished", "one")
        assert await only(made) == offer
        assert await made.ledger.receipts([offer.offer_id]) == []


# --- it counts like a toast that the user ignores -----------------------------------------------------------


@asynchronous
async def test_holds_back_the_next_offer_like_a_toast(engine: MakeEngine) -> None:
    async with engine(wants("a"), wants("b"), min_interval="5m") as made:
        await made.listen()
        await does(made, "a")
        await made.at(40)
        await does(made, "b")
        assert told(made)[-1] == ("stopped", "b", "min_interval")
        assert made.decisions[-1].detail == "the last toast was withheld 38s ago; the interval is 5m"
        await made.at(302)
        assert told(made)[-1] == ("withheld", "b", "")


@asynchronous
async def test_counts_towards_caps(engine: MakeEngine) -> None:
    async with engine(wants("a", courtesy={"per_user": 1})) as made:
        await made.listen()
        await does(made, "a")
        await made.at(200)
        await does(made, "a")
        assert told(made)[-1] == ("stopped", "a", "trigger_per_user")


@asynchronous
async def test_its_evidence_is_used_also_after_a_restart(engine: MakeEngine) -> None:
    made = engine()
    await made.listen()
    await does(made, "a")
    await made.at(125)
    async with await made.restarted() as again:
        await again.take(batch(action("a", 0), action("Other", 124)))
        assert len(await again.offers()) == 1


@asynchronous
async def test_its_timeout_runs_on_after_a_restart(engine: MakeEngine) -> None:
    made = engine(wants("a", interaction_timeout_s=60.0), wants("b"))
    await made.listen()
    await does(made, "a")
    await made.at(10)
    async with await made.restarted() as again:
        await again.take(batch(action("b", 10)))
        assert told(again)[-1] == ("stopped", "b", "attention")
        assert "a withheld offer counts as a toast" in again.decisions[-1].detail


@asynchronous
async def test_is_in_the_way_of_another_session_like_a_toast(engine: MakeEngine) -> None:
    async with engine(wants("a"), wants("b")) as made:
        await does(made, "a")
        await does(made, "b", session="s2")
        assert len(await made.offers()) == 1
        assert made.open_offers.is_waiting("u1")


# --- off ---------------------------------------------------------------------------------------------------


@asynchronous
async def test_trigger_that_is_off_is_never_evaluated(engine: MakeEngine) -> None:
    def fails(_ctx: ProactiveTriggerContext) -> bool:
        raise AssertionError("it was evaluated")

    off = predicate_trigger(fails, "off", rollout=RolloutSettings.validate("off"))
    async with engine(off, wants("a", "live")) as made:
        await does(made, "a")
        assert (await only(made)).trigger_id == "a"
        assert made.core.asker.failures == {}
        explained = (await made.explainer.explain("u1"))["triggers"]
        assert [(each["trigger_id"], each["outcome"]) for each in explained] == [
            ("off", "off"),
            ("a", "fired"),
        ]
        assert explained[0]["text"] == "It is off, so it is not evaluated: autoplay.yml says `rollout: off`."
        assert made.core.asker.failures == {}


@asynchronous
async def test_waiting_offer_of_a_trigger_that_is_off_by_now_is_withdrawn(engine: MakeEngine) -> None:
    made = engine(wants("a", "live"))
    await does(made, "a")
    made.triggers = [wants("a", "off")]
    async with await made.restarted() as again:
        await again.listen()
        (offer,) = await again.offers()
        assert offer.status is OfferStatus.EXPIRED
        assert again.publisher.pushed == []


# --- explain -----------------------------------------------------------------------------------------------


@asynchronous
async def test_explains_why_it_was_withheld(engine: MakeEngine) -> None:
    async with engine(wants("a", offer_ttl_s=600.0)) as made:
        await does(made, "a")
        await made.at(180)
        explained = await made.explainer.explain("u1")
        (trigger,) = explained["triggers"]
        assert trigger["text"] == "It fired 3m ago; its offer is withheld: the trigger's rollout is ghost."
        assert (trigger["arm"], trigger["variant"]) == ("ghost", "")
        assert explained["offers"][0]["status"] == "withheld"
        assert explained["offers"][0]["arm"] == "ghost"


@asynchronous
async def test_explains_that_an_offer_would_be_withheld(engine: MakeEngine) -> None:
    async with engine(wants("a", "0%", courtesy={"hold_until": ["save"]})) as made:
        await does(made, "a")
        (trigger,) = (await made.explainer.explain("u1"))["triggers"]
        assert trigger["arm"] == "control"
        assert trigger["outcome"] == "stopped"


# --- cost --------------------------------------------------------------------------------------------------


@asynchronous
async def test_chance_is_asked_once_per_decision_and_never_for_other_events(
    engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = Counter[str]()

    def counted(*parts: str) -> float:
        hashes[parts[0]] += 1
        return bucket(*parts)

    for module in (allocation, configured_trigger):
        monkeypatch.setattr(module, "bucket", counted)
    plain = wants("a", "50%")
    varied = replace(plain, variants=[replace(plain, variant="v"), replace(plain, variant="w")])
    async with engine(varied, holdout={"share": "1%"}, min_interval="1h") as made:
        for number in range(50):
            await does(made, f"Click {number}")
        assert hashes == {}
        await does(made, "a")
        assert len(await made.offers()) == 1
        assert hashes == {"variant": 1, "holdout": 1, "share": 1}
