"""The one next step that a user lacks, said in the way that fits what memory knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rasa_autoplay.engine.knowledge.facts import NextStep, PathFacts
from rasa_autoplay.engine.triggers.interest import PAGE, WORKFLOW
from rasa_autoplay.engine.triggers.types import (
    PROACTIVE_BODY_MAX_CHARS,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
)

__all__ = ["TRIGGER_ID_NEXT_STEP", "NextStepTrigger"]

TRIGGER_ID_NEXT_STEP = "next_step"
#: What workflows and steps are called has to leave room for the question.
_LONGEST_NAME = 40


class NextStepTrigger:
    """There is a gap between a workflow of the page and what the user knows of it.

    Who masters it hears nothing, and neither does who is in the middle of it.

    Args:
        texts: what is said, by approach (``missed``, ``introduce``, ``explain``), with ``{workflow}`` and
            ``{step}`` filled in; other gaps are left.
        path_ids: of which workflows; None for any.
    """

    def __init__(self, texts: Mapping[str, str], path_ids: Sequence[str] | None = None) -> None:
        self._texts = texts
        self._path_ids = path_ids
        self.interest = PAGE | WORKFLOW

    @property
    def trigger_id(self) -> str:
        """``next_step``."""
        return TRIGGER_ID_NEXT_STEP

    def wakes_at(self, _ctx: ProactiveTriggerContext) -> None:
        """Never: only an event, or a past that becomes known, can make it fire."""
        return

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """The offer while there is a gap; ``metadata`` has the golden path, the approach and the step."""
        gap = self._gap(ctx)
        if gap is None:
            return None
        names = {"{workflow}": _short(gap.title), "{step}": _short(gap.step)}
        body = self._texts[gap.approach]
        for placeholder, name in names.items():
            body = body.replace(placeholder, name)
        told = {"golden_path": gap.path_id, "approach": gap.approach, "step": gap.step}
        return ProactiveTriggerResult(
            self.trigger_id, body[:PROACTIVE_BODY_MAX_CHARS].rstrip(), metadata=told
        )

    def _gap(self, ctx: ProactiveTriggerContext) -> NextStep | None:
        extra = ctx.context_extra or {}
        facts: PathFacts | None = extra.get("path_facts")
        silenced = extra.get("silenced", ())
        for gap in facts.gaps if facts is not None else ():
            if gap.path_id not in silenced or gap.approach == "continue":
                is_meant = self._path_ids is None or gap.path_id in self._path_ids
                return gap if is_meant and gap.approach in self._texts else None
        return None


def _short(name: str) -> str:
    words = " ".join(name.split())
    return words if len(words) <= _LONGEST_NAME else f"{words[: _LONGEST_NAME - 1].rstrip()}…"
