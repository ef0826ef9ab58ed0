"""Conditions on the user's position in a workflow of this session: ``path``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rasa_autoplay.engine.knowledge.user_progress import PathPosition
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import WORKFLOW
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.formatting import seconds, workflows_words
from rasa_autoplay.engine.triggers.rules.placeholders import NAMES_OF_POSITION
from rasa_autoplay.engine.triggers.rules.user_conditions import NO_MEMORY
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["Begun", "OffPath", "SkippedStep", "Stalled"]


class _PositionCondition(Condition):
    """A test of the user's position in one of these workflows.

    Args:
        path_ids: ids of the workflows; None for any.
        details: the rest of the condition's text.
    """

    #: The condition's key in the file, and what it says about the user; ``{}`` stands for the workflow.
    key: ClassVar[str]
    says: ClassVar[str]

    def __init__(self, path_ids: Sequence[str] | None, details: str = "") -> None:
        which = "any workflow" if path_ids is None else " or ".join(path_ids)
        super().__init__(
            f"path {self.key} {which}{details}",
            f"the user {self.says.format(workflows_words(path_ids))}{details}",
            WORKFLOW,
            placeholders=NAMES_OF_POSITION,
        )
        self._path_ids = path_ids

    def _applies(self, position: PathPosition, now: float) -> bool:
        raise NotImplementedError

    def _finding(self, position: PathPosition, now: float) -> str:
        raise NotImplementedError

    def positions(self, view: RuleView) -> Iterator[tuple[str, PathPosition]]:
        """Yield the workflows that were begun and are neither finished nor silenced, the latest first."""
        known = view.workflow_progress.positions if view.workflow_progress is not None else {}
        for path_id in reversed(list(known)):
            is_meant = self._path_ids is None or path_id in self._path_ids
            if is_meant and path_id not in view.silenced and not known[path_id].finished:
                yield path_id, known[path_id]

    def workflow_id(self, view: RuleView) -> str:
        """Return the id of the first workflow to which the condition applies."""
        if view.workflow_progress is None:
            return ""
        return next((path_id for path_id, p in self.positions(view) if self._applies(p, view.now)), "")

    def holds(self, view: RuleView) -> bool:
        """Whether there is such a workflow."""
        return bool(self.workflow_id(view))

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding about the workflow in which the latest step was done."""
        if view.workflow_progress is None:
            return self.make_result(view, NO_MEMORY)
        workflow_id = self.workflow_id(view)
        position = next((p for path_id, p in self.positions(view) if workflow_id in ("", path_id)), None)
        if position is None:
            return self.make_result(view, "none of these workflows is in progress")
        return self.make_result(view, f"{position.title}: {self._finding(position, view.now)}")


class Begun(_PositionCondition):
    """The user has begun a workflow in this session."""

    key = "begun"
    says = "has begun {} in this session"

    def _applies(self, _position: PathPosition, _now: float) -> bool:
        return True

    def _finding(self, position: PathPosition, _now: float) -> str:
        return f"{position.steps_done} of {position.steps_total} steps done"


class OffPath(_PositionCondition):
    """The user left a workflow without finishing it."""

    key = "off_path"
    says = "left {} without finishing it"

    def _applies(self, position: PathPosition, _now: float) -> bool:
        return position.off_path

    def _finding(self, position: PathPosition, _now: float) -> str:
        return f"{'left' if position.off_path else 'still'} at step {position.step!r}"


class SkippedStep(_PositionCondition):
    """The user skipped a step and did a later one."""

    key = "skipped_step"
    says = "skipped a step of {}"

    def _applies(self, position: PathPosition, _now: float) -> bool:
        return bool(position.skipped_step)

    def _finding(self, position: PathPosition, _now: float) -> str:
        return f"skipped {position.skipped_step!r}" if position.skipped_step else "no step skipped"


class Stalled(_PositionCondition):
    """The user is stuck at one step, by time or by number of actions.

    Args:
        path_ids: ids of the workflows; None for any.
        for_s: time at the step, in seconds.
        actions: number of actions at the step; None to ignore it.
    """

    key = "stalled"
    says = "has been at the same step of {}"

    def __init__(self, path_ids: Sequence[str] | None, for_s: float, actions: int | None) -> None:
        much = f" or {actions} actions" if actions else ""
        super().__init__(path_ids, f" for {seconds(for_s)}{much}")
        self._for_s, self._actions = for_s, actions

    def _applies(self, position: PathPosition, now: float) -> bool:
        much = self._actions is not None and position.actions_since >= self._actions
        return not position.off_path and (much or now >= position.progressed_at + self._for_s)

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the user will have been long enough at one of the steps."""
        due = [p.progressed_at + self._for_s for _, p in self.positions(view) if not p.off_path]
        return min(due, default=None)

    def _finding(self, position: PathPosition, now: float) -> str:
        lasted = max(now - position.progressed_at, 0.0)
        finding = f"at step {position.step!r} for {lasted:.0f} of {seconds(self._for_s)}"
        if self._actions:
            finding += f", {position.actions_since} of {self._actions} actions"
        return finding
