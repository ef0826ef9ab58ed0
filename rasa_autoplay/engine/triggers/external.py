"""A trigger whose offers come from the team's own code."""

from __future__ import annotations

from rasa_autoplay.engine.triggers.firing_reasons import RuleExplanation
from rasa_autoplay.engine.triggers.interest import NOTHING
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext

__all__ = ["ExternalTrigger"]


class ExternalTrigger:
    """Never fires by itself.

    Args:
        trigger_id: its name in logs, caps and receipts.
    """

    interest = NOTHING
    #: The team's code can name a golden path for each offer.
    finds_workflow = True

    def __init__(self, trigger_id: str) -> None:
        self._trigger_id = trigger_id

    @property
    def trigger_id(self) -> str:
        """The trigger's id."""
        return self._trigger_id

    def evaluate(self, _ctx: ProactiveTriggerContext) -> None:
        """Return None."""
        return

    def wakes_at(self, _ctx: ProactiveTriggerContext) -> None:
        """Return None, because time does not make it fire."""
        return

    def explain(self, _ctx: ProactiveTriggerContext) -> RuleExplanation:
        """Return an explanation without conditions."""
        return RuleExplanation(False, ())
