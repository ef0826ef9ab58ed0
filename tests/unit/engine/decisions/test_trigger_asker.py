"""Async triggers: in order, within a time limit, and without delaying other sessions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.engine_parts import PROJECTS, T0, EngineParts, action, batch, predicate_trigger, settings
from support.run import asynchronous, passes

from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.entity import ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.registry import ProactiveTriggerRegistry
from rasa_autoplay.engine.triggers.types import (
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    ProactiveTriggerTimings,
)
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

ELSEWHERE = "https://app.example.com/dashboard"


class Slow:
    """Returns a result when the test lets it, once per call."""

    def __init__(self, trigger_id: str = "slow") -> None:
        self.trigger_id = trigger_id
        self.asked: list[ProactiveTriggerContext] = []
        self.gate = asyncio.Event()
        self.cancelled = 0

    async def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Fires on the projects page."""
        self.asked.append(ctx)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        here = ctx.canonical_urls[-1] == PROJECTS
        return ProactiveTriggerResult(self.trigger_id, "Slowly?") if here else None

    def configured(self) -> ConfiguredTrigger:
        """Return the trigger as the loader makes it."""
        return ConfiguredTrigger(self.trigger_id, self.evaluate)


@only_events
def always(_ctx: ProactiveTriggerContext) -> bool:
    return True


MakeEngine = Callable[..., EngineParts]


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    def build(*triggers: ConfiguredTrigger, **sections: Any) -> EngineParts:
        return EngineParts(tmp_path, triggers, configuration=settings(**sections))

    return build


async def does(made: EngineParts, title: str = "View", page: str = PROJECTS, user: str = "u1") -> None:
    """Let the user act now, without waiting for the decision."""
    payload = batch(action(title, made.clock.now - T0, page), user=user, session=f"s-{user}")
    await made.core.updater.apply(payload, "capture", made.clock())
    await passes()


async def made_of(made: EngineParts, user: str = "u1") -> list[str]:
    return [offer.trigger_id for offer in await made.offers(user)]


@asynchronous
async def test_async_trigger_fires(engine: MakeEngine) -> None:
    slow = Slow()
    async with engine(slow.configured()) as made:
        await does(made)
        assert await made_of(made) == []
        slow.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made) == ["slow"]


@asynchronous
async def test_slow_trigger_delays_no_other_session(engine: MakeEngine) -> None:
    slow = Slow()

    @only_events
    def of_another(ctx: ProactiveTriggerContext) -> bool:
        return bool(ctx.context_extra["user_id"] == "u2")

    async with engine(predicate_trigger(of_another, "quick"), slow.configured()) as made:
        await does(made)
        await does(made, user="u2")
        await eventually(lambda: made.open_offers.of_user("u2"), what="the other user's offer")
        assert not slow.gate.is_set()
        assert await made_of(made, "u2") == ["quick"]
        slow.gate.set()


@pytest.mark.parametrize("fires", [True, False])
@asynchronous
async def test_keeps_the_order_of_priority(engine: MakeEngine, fires: bool) -> None:
    slow = Slow()
    async with engine(slow.configured(), predicate_trigger(always, "below")) as made:
        await does(made, page=PROJECTS if fires else ELSEWHERE)
        await passes()
        assert await made_of(made) == [], "what stands below waits for what stands above"
        slow.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made) == ["slow" if fires else "below"]


@asynchronous
async def test_evaluates_async_triggers_one_after_another(engine: MakeEngine) -> None:
    first, second = Slow("first"), Slow("second")
    async with engine(first.configured(), second.configured()) as made:
        await does(made, page=ELSEWHERE)
        assert (len(first.asked), len(second.asked)) == (1, 0)
        first.gate.set()
        await passes()
        assert (len(first.asked), len(second.asked)) == (1, 1)
        second.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made) == []
        assert (len(first.asked), len(second.asked)) == (1, 1), "nothing has happened since"


@asynchronous
async def test_discards_a_result_about_another_page(engine: MakeEngine) -> None:
    slow = Slow()
    async with engine(slow.configured()) as made:
        await does(made)
        made.clock.now += 0.5
        await does(made, page=ELSEWHERE)
        slow.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made) == []
        assert [ctx.canonical_urls[-1] for ctx in slow.asked] == [PROJECTS, ELSEWHERE]
        assert made.core.counts["late_answers"] == 1


@asynchronous
async def test_evaluates_events_that_arrived_meanwhile(engine: MakeEngine) -> None:
    slow = Slow()
    async with engine(slow.configured()) as made:
        await does(made)
        made.clock.now += 0.5
        await does(made, "Click Bulk edit")
        slow.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made) == ["slow"]
        assert [len(ctx.recent_actions) for ctx in slow.asked] == [1, 2]


@asynchronous
async def test_evaluates_an_event_that_came_with_the_first_one(engine: MakeEngine) -> None:
    slow = Slow()
    async with engine(slow.configured()) as made:
        # As in one message of a gateway: nothing else runs between the two.
        for title, page in (("View", ELSEWHERE), ("Click Projects", PROJECTS)):
            payload = batch(action(title, made.clock.now - T0, page), session="s-u1")
            await made.core.updater.apply(payload, "capture", made.clock())
        slow.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made) == ["slow"]


@asynchronous
async def test_does_not_interrupt_a_chat_begun_meanwhile(engine: MakeEngine) -> None:
    slow = Slow()
    async with engine(slow.configured()) as made:
        await does(made)
        await made.lifecycle.chat_message("u1", made.clock())
        slow.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made) == []


@asynchronous
async def test_user_who_signs_in_meanwhile_gets_no_offer_of_the_former(engine: MakeEngine) -> None:
    slow = Slow()
    async with engine(slow.configured()) as made:
        await does(made)
        made.clock.now += 1
        payload = batch(action("View", 1, ELSEWHERE), user="u2", session="s-u1")
        await made.core.updater.apply(payload, "capture", made.clock())
        slow.gate.set()
        await made.driver.finish_pending()
        assert await made_of(made, "u1") == await made_of(made, "u2") == []


@asynchronous
async def test_timed_out_trigger_counts_as_not_fired(
    engine: MakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow()
    below = predicate_trigger(always, "below")
    async with engine(slow.configured(), below, evaluate_timeout="20ms") as made:
        with caplog.at_level(logging.WARNING):
            await does(made)
            await made.driver.finish_pending()
        assert await made_of(made) == ["below"]
        assert made.core.counts["trigger_timeouts"] == 1
        assert slow.cancelled == 1
        assert "'slow' did not answer within 20ms" in caplog.text
        told = (await made.explainer.explain("u1"))["triggers"][0]
        assert told["outcome"] == "not_near"
        assert "did not answer within 20ms" in told["text"]
        assert told["failures"] == {"timeouts": 2}


@asynchronous
async def test_does_not_wait_for_an_uncancellable_trigger(engine: MakeEngine) -> None:
    end = asyncio.Event()

    async def stubborn(_ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        while not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                continue
        raise ValueError("too late")

    async with engine(ConfiguredTrigger("t", stubborn), evaluate_timeout="10ms") as made:
        await does(made)
        await asyncio.wait_for(made.driver.finish_pending(), 20)
        assert made.core.counts["trigger_timeouts"] == 1
        end.set()
        await passes()
        assert made.core.counts["trigger_errors"] == 0


@asynchronous
async def test_failed_trigger_counts_as_not_fired(
    engine: MakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        await asyncio.sleep(0)
        raise KeyError("the service's answer has no such key")

    async with engine(ConfiguredTrigger("broken", broken), predicate_trigger(always, "below")) as made:
        await does(made)
        await made.driver.finish_pending()
        assert await made_of(made) == ["below"]
        assert made.core.counts["trigger_errors"] == 1
        assert "The trigger 'broken' failed" in caplog.text
        told = (await made.explainer.explain("u1"))["triggers"][0]
        assert "failed with KeyError" in told["text"]
        assert told["failures"] == {"errors": 2}


@asynchronous
async def test_explain_contains_the_result_of_an_async_trigger(engine: MakeEngine) -> None:
    slow = Slow()
    slow.gate.set()
    async with engine(slow.configured(), courtesy={"quiet_hours": {"from": "00:00", "to": "23:59"}}) as made:
        await does(made)
        await made.driver.finish_pending()
        told = (await made.explainer.explain("u1"))["triggers"][0]
        assert (told["outcome"], told["failures"]) == ("stopped", {})


@asynchronous
async def test_loaded_predicates_and_triggers_can_be_async(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "from rasa_autoplay.engine.triggers.types import ProactiveTriggerResult\n"
        "async def mine(ctx):\n    return ctx.canonical_urls[-1].endswith('/projects')\n"
        "class Mine:\n    trigger_id = 'theirs'\n    async def evaluate(self, ctx):\n"
        "        return ProactiveTriggerResult('theirs', 'Shall I?')\n"
    )
    (tmp_path / "async_triggers.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "autoplay.yml").write_text(
        "product_id: demo\ntriggers:\n"
        "  - {id: mine, predicate: 'async_triggers:mine', body: May I?}\n"
        "  - {id: theirs, predicate: 'async_triggers:Mine'}\n",
        encoding="utf-8",
    )
    file = YamlFile(tmp_path / "autoplay.yml")
    triggers = load_triggers(file.read(EngineSettings), [], file)
    async with EngineParts(tmp_path, triggers) as made:
        await does(made)
        await does(made, page=ELSEWHERE, user="u2")
        await made.driver.finish_pending()
        assert (await made_of(made), await made_of(made, "u2")) == (["mine"], ["theirs"])


@asynchronous
async def test_trigger_entity_adds_its_times_to_an_awaited_result() -> None:
    async def yes(_ctx: ProactiveTriggerContext) -> bool:
        return True

    inner = PredicateProactiveTrigger(trigger_id="t", body="B", predicate=yes)
    entity = ProactiveTriggerEntity(inner, ProactiveTriggerTimings(3.0, 4.0))
    promised: Any = entity.evaluate(ProactiveTriggerContext())
    assert isinstance(promised, Awaitable)
    result = await promised
    assert (result.interaction_timeout_s, result.cooldown_s) == (3.0, 4.0)


def test_registry_skips_async_triggers_when_evaluating_synchronously(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def yes(_ctx: ProactiveTriggerContext) -> bool:
        return True

    slow = PredicateProactiveTrigger(trigger_id="slow", body="B", predicate=yes)
    quick = PredicateProactiveTrigger(trigger_id="quick", body="B", predicate=always)
    registry = ProactiveTriggerRegistry([slow, quick])
    first = registry.evaluate_first(ProactiveTriggerContext())
    assert first is not None
    assert first.trigger_id == "quick"
    assert registry.failures == {"slow": 1}
    assert "evaluate is async" in caplog.text


@pytest.mark.parametrize("value", ["0s", "-1s", "5", "soon"])
def test_time_limit_must_be_a_duration(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueError, match="evaluate_timeout"):
        settings(evaluate_timeout=value)
