"""A trigger made of a condition."""

from __future__ import annotations

import re

from rasa_autoplay.engine.triggers.explanation import RuleExplanation
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.logic import All
from rasa_autoplay.engine.triggers.rules.placeholders import values_of
from rasa_autoplay.engine.triggers.rules.view import RuleView, view_of
from rasa_autoplay.engine.triggers.types import (
    PROACTIVE_BODY_MAX_CHARS,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
)

__all__ = ["RuleTrigger", "placeholders_in"]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders_in(body: str) -> list[str]:
    """The names in braces."""
    return _PLACEHOLDER.findall(body)


class RuleTrigger:
    """Fires while its condition holds.

    Args:
        trigger_id: its name in logs, caps and receipts.
        body: what is said; ``{workflow}`` and other names of the workflow that it is about are filled in.
        condition: when.
    """

    def __init__(self, trigger_id: str, body: str, condition: Condition) -> None:
        self._trigger_id = trigger_id
        self._body = body
        self._condition = condition
        #: What was looked at when it last did not fire: the driver asks for the time next.
        self._missed: RuleView | None = None
        self._parts = condition.parts if isinstance(condition, All) else (condition,)
        #: What of a session can change its mind.
        self.interest = condition.interest
        #: What must be remembered of the whole session for it, by name.
        self.remembers = condition.remembers

    @property
    def trigger_id(self) -> str:
        """The name given."""
        return self._trigger_id

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """The offer while the condition holds; its metadata has the conditions' findings."""
        view = view_of(ctx)
        if not self._condition.holds(view):
            self._missed = view
            return None
        subject = self._condition.subject(view)
        metadata: dict[str, object] = {"rule": self.explain(ctx).to_text()}
        if subject:
            metadata["golden_path"] = subject
        return ProactiveTriggerResult(self._trigger_id, self._said(view, subject), metadata=metadata)

    def wakes_at(self, ctx: ProactiveTriggerContext) -> float | None:
        """When time alone could make it fire."""
        view = view_of(ctx)
        if self._missed is not view and self._condition.holds(view):
            return None
        return self._condition.becomes_true_at(view)

    def explain(self, ctx: ProactiveTriggerContext) -> RuleExplanation:
        """A verdict for each condition of the outermost ``all``."""
        view = view_of(ctx)
        verdicts = tuple(part.verdict(view) for part in self._parts)
        return RuleExplanation(all(verdict.holds for verdict in verdicts), verdicts)

    def _said(self, view: RuleView, subject: str) -> str:
        values = values_of(view, subject)
        said = _PLACEHOLDER.sub(lambda match: str(values.get(match[1], "")), self._body)
        return said[:PROACTIVE_BODY_MAX_CHARS].rstrip()
