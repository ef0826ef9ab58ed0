"""Contexts and results, and triggers made of predicates."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from rasa_autoplay.engine.triggers.decorators import only_events, remembers, title_contains
from rasa_autoplay.engine.triggers.entity import ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.registry import ProactiveTriggerRegistry
from rasa_autoplay.engine.triggers.scope import ProactiveScope, ScopePolicy
from rasa_autoplay.engine.triggers.types import (
    ProactiveTrigger,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    ProactiveTriggerTimings,
    Remembering,
    TimeAware,
)
from rasa_autoplay.events.models import ActionsPayload, SlimAction


def action(title: str = "", url: str = "/a") -> SlimAction:
    return SlimAction(title, "", url)


def batch(*titles: str, at: float) -> ActionsPayload:
    return ActionsPayload("demo", "s1", None, None, [action(title) for title in titles], forwarded_at=at)


def from_payloads(*payloads: ActionsPayload, **options: Any) -> list[str]:
    context = ProactiveTriggerContext.from_actions_payloads(
        payloads, product_id="demo", session_id="s1", **options
    )
    return [a.title for a in context.recent_actions]


def test_context_has_one_url_per_action() -> None:
    extra = {"user_id": "u1"}
    context = ProactiveTriggerContext.from_slim_actions(
        [action("x"), action("y", url="")], product_id="demo", session_id="s1", context_extra=extra
    )
    assert context.canonical_urls == ("/a", None)
    assert [a.title for a in context.recent_actions] == ["x", "y"]
    assert context.context_extra == extra
    assert context.context_extra is not extra


def test_counts_batches_within_the_lookback_inclusive() -> None:
    payloads = (batch("old", at=99.9), batch("edge", at=100.0), batch("new", at=200.0))
    assert from_payloads(*payloads, now=220.0) == ["edge", "new"]
    assert from_payloads(*payloads, now=220.0, lookback_seconds=None) == ["old", "edge", "new"]


def test_keeps_the_last_actions_even_within_a_batch() -> None:
    payloads = (batch("a", "b", at=1.0), batch("c", "d", at=2.0))
    assert from_payloads(*payloads, now=2.0, max_actions=3) == ["b", "c", "d"]
    assert from_payloads(batch(*map(str, range(60)), at=1.0), now=1.0) == [str(n) for n in range(10, 60)]


def test_keeps_batches_in_order_of_arrival() -> None:
    assert from_payloads(batch("late", at=2.0), batch("early", at=1.0), now=2.0) == ["late", "early"]


@pytest.mark.parametrize("options", [{"lookback_seconds": 0}, {"lookback_seconds": -1}, {"max_actions": 0}])
def test_rejects_limits_below_one(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        from_payloads(**options)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"session_id": "s1"}, "product_id"),
        ({"product_id": " ", "session_id": "s1"}, "product_id"),
        ({"product_id": "demo"}, "session_id"),
    ],
)
def test_context_must_name_its_scope(fields: dict[str, str], missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        ProactiveTriggerContext.from_slim_actions([], **fields)  # type: ignore[arg-type]
    context = ProactiveTriggerContext.from_slim_actions(
        [],
        scope_policy=ScopePolicy.LENIENT,
        **fields,  # type: ignore[arg-type]
    )
    with pytest.raises(ValueError, match=missing):
        context.validate_scope()


def test_requires_a_conversation_only_on_demand() -> None:
    context = ProactiveTriggerContext(product_id="demo", session_id="s1")
    context.validate_scope()
    with pytest.raises(ValueError, match="conversation_id"):
        context.validate_scope(require_conversation=True)
    replace(context, conversation_id="c1").validate_scope(require_conversation=True)
    assert ProactiveScope("demo", "s1", "c1").has_chat_surface()
    assert not ProactiveScope("demo", "s1", " ").has_chat_surface()


def test_decisions_are_frozen_and_can_be_copied_with_changes() -> None:
    result = ProactiveTriggerResult("t1", "Hello?")
    with pytest.raises(FrozenInstanceError):
        result.body = "x"  # type: ignore[misc]
    assert replace(result, body="Hi?") == ProactiveTriggerResult("t1", "Hi?")
    assert (result.interaction_timeout_s, result.cooldown_s) == (10.0, 30.0)


def trigger(fires: bool = True, **options: Any) -> PredicateProactiveTrigger:
    return PredicateProactiveTrigger(trigger_id="t1", body="Hello?", predicate=lambda _ctx: fires, **options)


EMPTY = ProactiveTriggerContext()


def test_predicate_fires_with_its_text_labels_and_metadata() -> None:
    metadata = {"why": "because"}
    made = trigger(reply_option_labels=["Yes", "No"], metadata=metadata).evaluate(EMPTY)
    assert made == ProactiveTriggerResult("t1", "Hello?", ("Yes", "No"), {"why": "because"})
    assert made is not None
    assert made.metadata is not metadata
    assert trigger(fires=False).evaluate(EMPTY) is None


def test_metadata_of_the_context_overrides_fixed_metadata() -> None:
    made = trigger(metadata={"n": 0}, metadata_fn=lambda ctx: {"n": ctx.action_count}).evaluate(
        ProactiveTriggerContext(action_count=3)
    )
    assert made is not None
    assert made.metadata == {"n": 3}


def test_entity_applies_its_times_and_keeps_the_rest() -> None:
    timings = ProactiveTriggerTimings(interaction_timeout_s=1.0, cooldown_s=2.0)
    entity = ProactiveTriggerEntity(trigger(metadata={"a": 1}), timings, triggering_type="instant_trigger")
    made = entity.evaluate(EMPTY)
    assert made == ProactiveTriggerResult(
        "t1", "Hello?", (), {"a": 1, "triggering_type": "instant_trigger"}, 1.0, 2.0
    )
    assert (entity.trigger_id, entity.timings) == ("t1", timings)
    assert ProactiveTriggerEntity(trigger(fires=False)).evaluate(EMPTY) is None


def test_entity_does_not_override_the_inner_triggers_type() -> None:
    made = ProactiveTriggerEntity(trigger(metadata={"triggering_type": "own"}), triggering_type="other")
    result = made.evaluate(EMPTY)
    assert result is not None
    assert result.metadata == {"triggering_type": "own"}


def plain(_ctx: ProactiveTriggerContext) -> bool:
    return True


def test_plain_predicate_is_opaque_even_within_an_entity() -> None:
    made = PredicateProactiveTrigger(trigger_id="t", body="b", predicate=plain)
    for opaque in (made, ProactiveTriggerEntity(made)):
        assert isinstance(opaque, ProactiveTrigger)
        assert not isinstance(opaque, TimeAware)
        assert not isinstance(opaque, Remembering)


def test_attributes_of_a_predicate_reach_the_engine_even_within_an_entity() -> None:
    @only_events
    @remembers(export=title_contains("export"))
    @remembers(bulk_edit=title_contains("bulk edit", "APPLY TO"))
    def predicate(_ctx: ProactiveTriggerContext) -> bool:
        return True

    made = PredicateProactiveTrigger(trigger_id="t", body="b", predicate=predicate)
    for told in (made, ProactiveTriggerEntity(ProactiveTriggerEntity(made))):
        assert isinstance(told, TimeAware)
        assert told.wakes_at(EMPTY) is None
        assert isinstance(told, Remembering)
        assert sorted(told.remembers) == ["bulk_edit", "export"]
        assert told.remembers["bulk_edit"](action("Click Apply to 3"))
        assert not told.remembers["bulk_edit"](action("Click Export"))


def test_predicate_can_schedule_its_own_time() -> None:
    class Evening:
        def __call__(self, ctx: ProactiveTriggerContext) -> bool:
            return False

        def wakes_at(self, ctx: ProactiveTriggerContext) -> float | None:
            return float(ctx.context_extra["eval_now"]) + 60.0

    made = PredicateProactiveTrigger(trigger_id="t", body="b", predicate=Evening())
    assert made.wakes_at(ProactiveTriggerContext(context_extra={"eval_now": 100.0})) == 160.0


def test_matches_any_part_of_a_title_ignoring_case() -> None:
    matches = title_contains("Save Changes", "straße")
    assert matches(action("Click SAVE CHANGES now"))
    assert matches(action("Hauptstrasse"))
    assert not matches(action("Click Save"))
    assert not title_contains()(action("anything"))


class Counting:
    """A trigger that records that it was evaluated."""

    def __init__(self, trigger_id: str, answer: ProactiveTriggerResult | Exception | None) -> None:
        self.trigger_id = trigger_id
        self.asked = 0
        self._answer = answer

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        self.asked += 1
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


FIRST, SECOND = ProactiveTriggerResult("first", "1"), ProactiveTriggerResult("second", "2")


def test_first_firing_trigger_wins_and_the_rest_are_not_evaluated() -> None:
    triggers = [Counting("quiet", None), Counting("first", FIRST), Counting("second", SECOND)]
    registry = ProactiveTriggerRegistry(triggers)
    assert registry.triggers == tuple(triggers)
    assert registry.evaluate_first(EMPTY) is FIRST
    assert [t.asked for t in triggers] == [1, 1, 0]


def test_returns_all_firing_triggers_by_priority() -> None:
    registry = ProactiveTriggerRegistry(
        [Counting("first", FIRST), Counting("quiet", None), Counting("second", SECOND)]
    )
    assert registry.evaluate_all(EMPTY) == [FIRST, SECOND]
    assert ProactiveTriggerRegistry([]).evaluate_first(EMPTY) is None


def test_broken_trigger_does_not_silence_the_others_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    registry = ProactiveTriggerRegistry([Counting("broken", KeyError("oops")), Counting("second", SECOND)])
    assert registry.evaluate_first(EMPTY) is SECOND
    assert registry.evaluate_all(EMPTY) == [SECOND]
    assert registry.failures == {"broken": 2}
    assert caplog.text.count("KeyError: 'oops'") == 1
