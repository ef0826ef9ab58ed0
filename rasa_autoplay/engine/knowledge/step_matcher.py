"""Matches actions with a step: by its ``done_when``, or by its label if an action has no element id."""

from __future__ import annotations

from typing import Literal

from rasa_autoplay.engine.knowledge.control_names import ControlName, control_name_of, is_readable
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, Step
from rasa_autoplay.engine.knowledge.step_match import StepMatch
from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.events.models import SlimAction

__all__ = ["NamedBy", "StepMatcher"]

NamedBy = Literal["done_when", "label", "title", ""]

#: Types of actions on a control. A page view or a focus with the same title does not prove a step.
_ACTS = frozenset({"click", "submit", "type", ""})


class StepMatcher:
    """Matches the actions that prove one step.

    Args:
        path: the golden path.
        step: one of its steps.
        done_when: the step's ``done_when``.
    """

    def __init__(self, path: GoldenPath, step: Step, done_when: StepMatch) -> None:
        self._fits = done_when.matcher()
        self._path = path
        self._asks_for_id = done_when.element_id is not None
        #: Matches everything except the element id, for actions without one.
        self._rest = ActionMatcher({**dict(done_when), "element_id": None})
        self._is_type_given = done_when.type is not None
        self._is_page_given = done_when.page is not None or not path.page
        self._is_titled = done_when.title is not None
        self._is_labelled = is_readable(step.label)
        self._name: ControlName | None = control_name_of(step.label, step.title)

    @property
    def named_by(self) -> NamedBy:
        """How a source without element ids proves this step; empty if it never can."""
        if not self._asks_for_id or self._is_titled:
            return "done_when"
        if self._name is None:
            return ""
        return "label" if self._is_labelled else "title"

    def __call__(self, action: SlimAction) -> bool:
        """Whether this action proves the step."""
        return self._fits(action) or (
            self._asks_for_id and not action.element_id and self._fits_without_id(action)
        )

    def _fits_without_id(self, action: SlimAction) -> bool:
        # The name comes first, because it rules out most actions.
        return (
            (self._is_titled or (self._name is not None and self._name.is_named_by(action.title)))
            and (self._is_type_given or action.type in _ACTS)
            and self._rest(action)
            and (self._is_page_given or self._path.reaches(action.canonical_url))
        )
