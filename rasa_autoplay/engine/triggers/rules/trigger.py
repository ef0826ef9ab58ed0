"""A trigger made from a condition."""

from __future__ import annotations

from rasa_autoplay.common.sentences.filling import filled
from rasa_autoplay.engine.triggers.firing_reasons import RuleExplanation
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.logic import All, Any
from rasa_autoplay.engine.triggers.rules.placeholders import values_of
from rasa_autoplay.engine.triggers.rules.view import RuleView, view_of
from rasa_autoplay.engine.triggers.types import (
    PLACEHOLDERS,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    fit_toast,
)

__all__ = ["RuleTrigger"]


class RuleTrigger:
    """Fires while its condition holds.

    Args:
        trigger_id: its name in logs, caps and receipts.
        body: the text of the toast; placeholders such as ``{workflow}`` are filled in.
        condition: decides when it fires.
    """

    def __init__(self, trigger_id: str, body: str, condition: Condition) -> None:
        self._trigger_id = trigger_id
        self._body = body
        self._condition = condition
        #: The last view for which it did not fire: the driver calls wakes_at() with it next.
        self._missed: RuleView | None = None
        #: The condition, and the text before its placeholders are filled in.
        self.condition, self.body = condition, body
        self._parts = condition.parts if isinstance(condition, All) else (condition,)
        #: The changes to a session that can affect it.
        self.interest = condition.interest
        #: The names in braces that its results can fill in.
        self.placeholders = condition.placeholders
        #: Whether it can be about a workflow that its condition finds.
        self.finds_workflow = _finds_workflow(condition)
        #: Returns a time before which it does not fire in a session whose actions are known.
        self.possible_at = condition.possible_at
        #: Matchers whose results must be remembered for the whole session, by name.
        self.remembers = condition.remembers

    @property
    def trigger_id(self) -> str:
        """The trigger's id."""
        return self._trigger_id

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer while the condition holds; its metadata has the findings."""
        view = view_of(ctx)
        if not self._condition.holds(view):
            self._missed = view
            return None
        workflow_id = self._condition.workflow_id(view)
        values = values_of(view, workflow_id)
        metadata: dict[str, object] = {"rule": self.explain(ctx).to_text(), PLACEHOLDERS: values}
        if workflow_id:
            metadata["golden_path"] = workflow_id
        body = fit_toast(filled(self._body, values))
        return ProactiveTriggerResult(self._trigger_id, body, metadata=metadata)

    def wakes_at(self, ctx: ProactiveTriggerContext) -> float | None:
        """Return when time alone could make it fire."""
        view = view_of(ctx)
        if self._missed is not view and self._condition.holds(view):
            return None
        return self._condition.becomes_true_at(view)

    def explain(self, ctx: ProactiveTriggerContext) -> RuleExplanation:
        """Return a result for each condition of the outermost ``all``."""
        view = view_of(ctx)
        results = tuple(part.result(view) for part in self._parts)
        return RuleExplanation(all(result.holds for result in results), results)


def _finds_workflow(condition: Condition) -> bool:
    if isinstance(condition, (All, Any)):
        return any(map(_finds_workflow, condition.parts))
    return type(condition).workflow_id is not Condition.workflow_id
