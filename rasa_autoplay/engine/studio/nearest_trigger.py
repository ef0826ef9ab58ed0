"""Finds the trigger that is nearest to firing in a session, from what its rule says about itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rasa_autoplay.engine.decisions.trigger_asker import TriggerAsker
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult, RuleExplanation
from rasa_autoplay.link.answers import JsonObject

__all__ = ["NearestTrigger"]


class NearestTrigger:
    """Compares the triggers that can say how near they are. A predicate in Python cannot, and is not called.

    Args:
        triggers: in order of priority.
        asker: calls a trigger's functions, which may fail.
        follower: knows the user's history and the progress in workflows.
    """

    def __init__(
        self, triggers: Sequence[ConfiguredTrigger], asker: TriggerAsker, follower: SessionFollower
    ) -> None:
        self._triggers = [each for each in triggers if not (each.rollout.is_off or each.is_external)]
        self._asker = asker
        self._follower = follower

    def of(self, session: Session, now: float) -> JsonObject | None:
        """Describe the nearest trigger; None if none has come nearer than nothing.

        Returns:
            ``{trigger_id, fires, nearness, text, has, needs}``: ``has`` and ``needs`` are of the condition
            that counts and is nearest to holding (a condition that holds only if the trigger fires), or null;
            ``text`` has the findings of those that do not hold.
        """
        best: tuple[ConfiguredTrigger, RuleExplanation] | None = None
        for trigger in self._triggers:
            found = self._explain(trigger, session, now)
            if found is not None and found.nearness > (best[1].nearness if best else 0.0):
                best = trigger, found
        if best is None:
            return None
        trigger, found = best
        counted = _nearest_count(found)
        return {
            "trigger_id": trigger.id,
            "fires": found.fired,
            "nearness": round(found.nearness, 3),
            "text": found.to_text(),
            "has": counted.has if counted else None,
            "needs": counted.needs if counted else None,
        }

    def _explain(self, trigger: ConfiguredTrigger, session: Session, now: float) -> RuleExplanation | None:
        variant = trigger.variant_for(session.user_id or "")
        if variant.own_explanation is None:
            return None
        ctx = context_of(session, session.triggers.evidence_after(trigger.id), now, self._follower)
        if not ctx.recent_actions:
            return None
        found: RuleExplanation | None = self._asker.guarded(variant, variant.own_explanation, ctx)
        return found


def _nearest_count(explanation: RuleExplanation) -> ConditionResult | None:
    """The counting condition that is nearest to holding; one that holds only if the trigger fires."""
    counting = [each for each in _flattened(explanation.conditions) if each.needs]
    # A condition can have reached its number and not hold for another reason, which the text says.
    lacking = [each for each in counting if not each.holds and (each.has or 0) < (each.needs or 0)]
    shown = counting if explanation.fired else lacking
    return max(shown, key=lambda each: each.nearness, default=None)


def _flattened(conditions: Sequence[ConditionResult]) -> Iterator[ConditionResult]:
    for condition in conditions:
        yield condition
        yield from _flattened(condition.conditions)
