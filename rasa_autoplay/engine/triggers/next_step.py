"""Offers the one next step that a user lacks, in the way that fits the user's memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rasa_autoplay.common.languages.each_language import in_each_language
from rasa_autoplay.common.sentences.filling import filled
from rasa_autoplay.engine.knowledge.user_progress import NextStep, WorkflowProgress
from rasa_autoplay.engine.triggers.interest import PAGE, WORKFLOW
from rasa_autoplay.engine.triggers.types import (
    PLACEHOLDERS,
    TEMPLATE,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    fit_toast,
)

__all__ = ["TRIGGER_ID_NEXT_STEP", "NextStepTrigger", "short_name"]

TRIGGER_ID_NEXT_STEP = "next_step"
#: Names of workflows and steps must leave room for the question (characters).
_LONGEST_NAME = 40


class NextStepTrigger:
    """Fires if the user lacks a step of a workflow that belongs to the page.

    Users who master the workflow, or are in the middle of it, get no offer.

    Args:
        texts: the text of the toast by approach (``missed``, ``introduce``, ``explain``), with ``{workflow}``
            and ``{step}`` filled in; gaps with other approaches are ignored.
        path_ids: the workflows to consider; None for all.
    """

    def __init__(self, texts: Mapping[str, str], path_ids: Sequence[str] | None = None) -> None:
        self._texts = texts
        self._path_ids = path_ids
        self.interest = PAGE | WORKFLOW
        #: The names in braces that its results fill in.
        self.placeholders = frozenset({"workflow", "step"})

    @property
    def trigger_id(self) -> str:
        """``next_step``."""
        return TRIGGER_ID_NEXT_STEP

    def wakes_at(self, _ctx: ProactiveTriggerContext) -> None:
        """Return None: only an event, or memory that becomes known, can make it fire."""
        return

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer while there is a gap; ``metadata`` has the golden path, approach and step."""
        gap = self._gap(ctx)
        if gap is None:
            return None
        names = {
            "workflow": in_each_language(gap.title, short_name),
            "step": in_each_language(gap.step, short_name),
        }
        body = filled(self._texts[gap.approach], names)
        metadata = {
            "golden_path": gap.path_id,
            "approach": gap.approach,
            "step": gap.step,
            PLACEHOLDERS: names,
            TEMPLATE: self._texts[gap.approach],
        }
        return ProactiveTriggerResult(self.trigger_id, fit_toast(body), metadata=metadata)

    def _gap(self, ctx: ProactiveTriggerContext) -> NextStep | None:
        extra = ctx.context_extra or {}
        progress: WorkflowProgress | None = extra.get("workflow_progress")
        silenced = extra.get("silenced", ())
        for gap in progress.gaps if progress is not None else ():
            if gap.path_id not in silenced or gap.approach == "continue":
                is_meant = self._path_ids is None or gap.path_id in self._path_ids
                return gap if is_meant and gap.approach in self._texts else None
        return None


def short_name(name: str) -> str:
    """Shorten the name of a workflow or step, so that a toast has room for it."""
    words = " ".join(name.split())
    return words if len(words) <= _LONGEST_NAME else f"{words[: _LONGEST_NAME - 1].rstrip()}…"
