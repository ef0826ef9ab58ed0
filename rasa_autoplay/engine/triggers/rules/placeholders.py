"""The placeholders of a rule's text: ``{workflow}``, ``{step}``, ``{completion}`` and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.user_progress import PathPosition, WorkflowMemory
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = [
    "NAMES_OF_MEMORY",
    "NAMES_OF_POSITION",
    "sample_values",
    "values_of",
]

_FromPosition = Callable[[PathPosition], object]
_FromMemory = Callable[[WorkflowMemory], object]

#: Taken from the user's position in the rule's workflow.
_OF_POSITION: Mapping[str, _FromPosition] = {
    "workflow": lambda position: position.title,
    "step": lambda position: position.step,
    "next_step": lambda position: position.next_step,
    "skipped_step": lambda position: position.skipped_step,
    "steps_done": lambda position: position.steps_done,
    "steps_left": lambda position: position.steps_total - position.steps_done,
}
#: Taken from the user's memory of that workflow.
_OF_MEMORY: Mapping[str, _FromMemory] = {
    "workflow": lambda memory: memory.title,
    "missing_step": lambda memory: memory.missing_step,
    "failed_step": lambda memory: memory.hard_step,
    "completion": lambda memory: f"{memory.best_completion_pct:.0f}%",
    "attempts": lambda memory: memory.attempts,
}
#: The placeholders that a ``path`` condition and a ``memory`` condition provide.
NAMES_OF_POSITION, NAMES_OF_MEMORY = frozenset(_OF_POSITION), frozenset(_OF_MEMORY)


def values_of(view: RuleView, workflow_id: str) -> dict[str, object]:
    """Return the values of the placeholders for a workflow, as far as they are known."""
    memory = view.user_history.workflows.get(workflow_id) if view.user_history is not None else None
    position = (
        view.workflow_progress.positions.get(workflow_id) if view.workflow_progress is not None else None
    )
    return _values(memory, position)


def sample_values(path: GoldenPath) -> dict[str, object]:
    """Return the values of the placeholders for a preview: the user has done a path's first step."""
    names = [path.name_of(place) for place in range(len(path.steps))]
    second = names[min(1, len(names) - 1)]
    memory = WorkflowMemory(
        path.title, "in_progress", attempts=3, best_completion_pct=60.0, missing_step=second, struggles=True
    )
    position = PathPosition(path.title, names[0], second, 1, len(names), 0.0, skipped_step=names[0])
    return _values(memory, position)


def _values(memory: WorkflowMemory | None, position: PathPosition | None) -> dict[str, object]:
    values: dict[str, object] = {}
    if memory is not None:
        values.update({name: value(memory) for name, value in _OF_MEMORY.items()})
    if position is not None:
        values.update({name: value(position) for name, value in _OF_POSITION.items()})
    return values
