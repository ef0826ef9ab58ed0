"""How a trigger explains itself, and how near misses are ordered."""

from __future__ import annotations

import pytest

from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult, RuleExplanation
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext

SAVES = ConditionResult("count 3", False, "2 of 3", has=2, needs=3)
PAGE = ConditionResult("on_page /projects", False, "page is /dashboard, needs /projects")
FINE = ConditionResult("never", True, "not so far")


def test_nearness_is_the_fulfilled_share() -> None:
    assert SAVES.nearness == pytest.approx(2 / 3)
    assert PAGE.nearness == 0
    assert FINE.nearness == 1
    assert ConditionResult("all", False, "", conditions=(FINE, PAGE)).nearness == 0.5
    assert ConditionResult("any", False, "", conditions=(SAVES, PAGE)).nearness == pytest.approx(2 / 3)


def test_near_miss_lists_only_what_is_missing() -> None:
    explanation = RuleExplanation(False, (FINE, SAVES, PAGE))
    assert explanation.to_text() == "2 of 3; page is /dashboard, needs /projects"
    assert explanation.nearness == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert RuleExplanation(True, (FINE,)).to_text() == "not so far"
    assert RuleExplanation(True, ()).nearness == 1


@pytest.mark.parametrize("fires", [True, False])
def test_predicate_explains_only_whether_it_fires(fires: bool) -> None:
    inner = PredicateProactiveTrigger(trigger_id="mine", body="b", predicate=lambda _ctx: fires)
    ctx = ProactiveTriggerContext()
    explanation = ConfiguredTrigger("mine", inner.evaluate).explain(ctx, inner.evaluate(ctx))
    assert explanation.fired is fires
    assert "'mine'" in explanation.to_text()


class Talkative:
    """A trigger with an ``explain`` of its own."""

    trigger_id = "talkative"

    def evaluate(self, _ctx: ProactiveTriggerContext) -> None:
        return

    def explain(self, _ctx: ProactiveTriggerContext) -> RuleExplanation:
        return RuleExplanation(False, (SAVES,))


def test_uses_a_triggers_own_explanation() -> None:
    trigger = ConfiguredTrigger("t", Talkative().evaluate, own_explanation=Talkative().explain)
    explanation = trigger.explain(ProactiveTriggerContext(), None)
    assert explanation.to_text() == "2 of 3"
