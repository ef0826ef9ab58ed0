"""Recognises a step's control by its name or its element alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_autoplay.engine.knowledge.control_names import (
    ControlName,
    control_name_of,
    is_readable,
    plain_name_of,
)
from rasa_autoplay.engine.knowledge.step import Step
from rasa_autoplay.engine.knowledge.step_match import ElementPattern

__all__ = ["StepNames"]

_ID_SELECTOR = re.compile(r"#([\w-]+)")


class StepNames:
    """The names and elements by which a step can be recognised.

    Args:
        step: the step.
    """

    def __init__(self, step: Step) -> None:
        names = (control_name_of(way.labels, step.titles) for way in step.ways)
        self._names: tuple[ControlName, ...] = tuple(filter(None, names))
        #: Labels without letters, such as "⋯", are compared as they are.
        self._signs = {label for label in step.labels_in_every_language if not is_readable(label)}
        self._elements: tuple[ElementPattern, ...] = tuple(_elements_of(step))

    @property
    def has_name(self) -> bool:
        """Whether the step names a control."""
        return bool(self._names or self._signs)

    def names(self, title: str) -> bool:
        """Whether an action with this title was done to a control with the step's name."""
        return plain_name_of(title) in self._signs or any(name.is_named_by(title) for name in self._names)

    def has_element(self, element_id: str) -> bool:
        """Whether this is the id of the step's element."""
        return bool(element_id) and any(pattern.matches(element_id) for pattern in self._elements)


def _elements_of(step: Step) -> Iterator[ElementPattern]:
    for way in step.ways:
        if way.done_when is not None and way.done_when.element_id is not None:
            yield way.done_when.element_id
        elif way.element and (found := _ID_SELECTOR.fullmatch(way.element)):
            yield ElementPattern(found[1])
