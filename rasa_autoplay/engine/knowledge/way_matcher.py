"""Matches actions with a way to do a step: by ``done_when``, or by label if an action has no element id."""

from __future__ import annotations

from typing import Literal

from rasa_autoplay.engine.knowledge.control_names import ControlName, control_name_of, is_readable
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step, Way
from rasa_autoplay.engine.knowledge.step_match import StepMatch
from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.events.models import SlimAction

__all__ = ["NamedBy", "WayMatcher", "matchers_of"]

NamedBy = Literal["done_when", "label", "title", ""]

#: Types of actions on a control. A page view or a focus with the same title does not prove a step.
_ACTS = frozenset({"click", "submit", "type", ""})


def matchers_of(path: GoldenPath, step: Step) -> list[WayMatcher]:
    """Return a matcher for each way by which an action can prove a step."""
    return [WayMatcher(path, step, way, way.done_when) for way in step.ways if way.done_when is not None]


class WayMatcher:
    """Matches the actions that prove a step in one way.

    Args:
        path: the golden path.
        step: the step; its title counts in all languages.
        way: the way; its label counts in all languages.
        done_when: the way's ``done_when``.
    """

    def __init__(self, path: GoldenPath, step: Step, way: Way, done_when: StepMatch) -> None:
        self._fits = done_when.matcher()
        self._path = path
        self._asks_for_id = done_when.element_id is not None
        #: Matches everything except the element id, for actions without one.
        self._rest = ActionMatcher({**dict(done_when), "element_id": None})
        self._is_type_given = done_when.type is not None
        self._is_page_given = done_when.page is not None or not path.page
        self._is_titled = done_when.title is not None
        self._is_labelled = any(map(is_readable, way.labels))
        self._name: ControlName | None = control_name_of(way.labels, step.titles)

    @property
    def named_by(self) -> NamedBy:
        """How a source without element ids proves the step this way; empty if it never can."""
        if not self._asks_for_id or self._is_titled:
            return "done_when"
        if self._name is None:
            return ""
        return "label" if self._is_labelled else "title"

    def __call__(self, action: SlimAction) -> bool:
        """Whether this action proves the step this way."""
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
