"""Where the user stands in a workflow of this session: ``path``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rasa_autoplay.engine.knowledge.facts import PathPosition
from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.interest import WORKFLOW
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.formatting import seconds
from rasa_autoplay.engine.triggers.rules.placeholders import NAMES_OF_POSITION
from rasa_autoplay.engine.triggers.rules.user_conditions import NO_MEMORY
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["Begun", "OffPath", "SkippedStep", "Stalled"]


class _OnPath(Condition):
    """Something is true of the user's place in one of these workflows.

    Args:
        what: the key in the file.
        path_ids: of which workflows; None for any.
        more: the rest of the condition's line.
    """

    def __init__(self, what: str, path_ids: Sequence[str] | None, more: str = "") -> None:
        which = "any workflow" if path_ids is None else " or ".join(path_ids)
        super().__init__(f"path {what} {which}{more}", WORKFLOW, tells=NAMES_OF_POSITION)
        self._path_ids = path_ids

    def _is_so(self, position: PathPosition, now: float) -> bool:
        raise NotImplementedError

    def _finding(self, position: PathPosition, now: float) -> str:
        raise NotImplementedError

    def positions(self, view: RuleView) -> Iterator[tuple[str, PathPosition]]:
        """The unfinished workflows that are meant and were begun, the one moved in last first.

        Those about which the rule must not speak now are left out.
        """
        known = view.path_facts.positions if view.path_facts is not None else {}
        for path_id in reversed(list(known)):
            is_meant = self._path_ids is None or path_id in self._path_ids
            if is_meant and path_id not in view.silenced and not known[path_id].finished:
                yield path_id, known[path_id]

    def subject(self, view: RuleView) -> str:
        """The first of which it is so."""
        if view.path_facts is None:
            return ""
        return next((path_id for path_id, p in self.positions(view) if self._is_so(p, view.now)), "")

    def holds(self, view: RuleView) -> bool:
        """Whether there is one."""
        return bool(self.subject(view))

    def verdict(self, view: RuleView) -> ConditionResult:
        """What is so of the workflow that was moved in last."""
        if view.path_facts is None:
            return self.told(view, NO_MEMORY)
        subject = self.subject(view)
        position = next((p for path_id, p in self.positions(view) if subject in ("", path_id)), None)
        if position is None:
            return self.told(view, "none of these workflows is under way")
        return self.told(view, f"{position.title}: {self._finding(position, view.now)}")


class Begun(_OnPath):
    """A workflow is under way in this session.

    Args:
        path_ids: of which workflows; None for any.
    """

    def __init__(self, path_ids: Sequence[str] | None) -> None:
        super().__init__("begun", path_ids)

    def _is_so(self, _position: PathPosition, _now: float) -> bool:
        return True

    def _finding(self, position: PathPosition, _now: float) -> str:
        return f"{position.steps_done} of {position.steps_total} steps done"


class OffPath(_OnPath):
    """The user left a workflow without finishing it.

    Args:
        path_ids: of which workflows; None for any.
    """

    def __init__(self, path_ids: Sequence[str] | None) -> None:
        super().__init__("off_path", path_ids)

    def _is_so(self, position: PathPosition, _now: float) -> bool:
        return position.off_path

    def _finding(self, position: PathPosition, _now: float) -> str:
        return f"{'left' if position.off_path else 'still'} at step {position.step!r}"


class SkippedStep(_OnPath):
    """A step was left out, and a later one done.

    Args:
        path_ids: of which workflows; None for any.
    """

    def __init__(self, path_ids: Sequence[str] | None) -> None:
        super().__init__("skipped_step", path_ids)

    def _is_so(self, position: PathPosition, _now: float) -> bool:
        return bool(position.skipped_step)

    def _finding(self, position: PathPosition, _now: float) -> str:
        return f"skipped {position.skipped_step!r}" if position.skipped_step else "no step skipped"


class Stalled(_OnPath):
    """The user has been at one step for long, or did much there, without moving on.

    Args:
        path_ids: of which workflows; None for any.
        for_s: how long is long.
        actions: how many actions are much; None for any number.
    """

    def __init__(self, path_ids: Sequence[str] | None, for_s: float, actions: int | None) -> None:
        much = f" or {actions} actions" if actions else ""
        super().__init__("stalled", path_ids, f" for {seconds(for_s)}{much}")
        self._for_s, self._actions = for_s, actions

    def _is_so(self, position: PathPosition, now: float) -> bool:
        much = self._actions is not None and position.actions_since >= self._actions
        return not position.off_path and (much or now >= position.progressed_at + self._for_s)

    def becomes_true_at(self, view: RuleView) -> float | None:
        """When the first of them will have lasted long enough."""
        due = [p.progressed_at + self._for_s for _, p in self.positions(view) if not p.off_path]
        return min(due, default=None)

    def _finding(self, position: PathPosition, now: float) -> str:
        lasted = max(now - position.progressed_at, 0.0)
        finding = f"at step {position.step!r} for {lasted:.0f} of {seconds(self._for_s)}"
        if self._actions:
            finding += f", {position.actions_since} of {self._actions} actions"
        return finding
