"""A step of a golden path as the browser's tour gets it."""

from __future__ import annotations

import re

import msgspec

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.engine.knowledge.step import Step, Way

__all__ = ["TourStep", "is_done_by_element", "tour_step_of"]

#: The types of actions by which an element is used.
_USES = ("click", "submit", "type", "change")
_ID_SELECTOR = re.compile(r"#([\w-]+)")


class TourStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step as the browser gets it.

    Args:
        id: unique within the path.
        title: heading.
        element: CSS selector of the first way to do the step; any element that matches will do.
        text: what to do.
        several: whether the user may do it several times; None lets the page decide.
        waits: whether something else than the use of its elements shows that it is done.
        other_elements: CSS selectors of the other ways, called ``any`` in JSON. The tour shows the first way
            whose element is on the page.
    """

    id: str
    title: str
    element: str
    text: str
    several: bool | None = None
    waits: bool = False
    other_elements: list[str] = msgspec.field(default_factory=list, name="any")


def tour_step_of(step: Step) -> TourStep | None:
    """Return the step for the browser; None if none of its ways has an element."""
    if not step.elements:
        return None
    first, *others = step.elements
    # The browser cannot tell the ways apart, so one that it cannot see makes it wait for the server.
    waits = not all(is_done_by_element(step, way) for way in step.ways if way.element)
    return TourStep(step.id, step.title, first, _tooltip_of(step), step.several, waits, others)


def _tooltip_of(step: Step) -> str:
    """The tooltip, or the chat's text; in a language that only the latter has, the chat's text, too."""
    tooltip, text = step.tooltip, step.text
    if isinstance(tooltip, Text) and isinstance(text, Text):
        others = {tag: each for tag, each in text.items() if tag not in tooltip.languages}
        return Text({**dict(tooltip.items()), **others}) if tooltip.languages else tooltip
    return tooltip or text


def is_done_by_element(step: Step, way: Way) -> bool:
    """Whether using the way's element can be what its ``done_when`` asks for, or else that of other ways."""
    proofs = [way.done_when] if way.done_when else step.proofs
    if not proofs:
        return True
    element_id = _ID_SELECTOR.fullmatch(way.element or "")
    return any(
        (match.type is None or any(match.type.matches(each) for each in _USES))
        and (match.element_id is None or element_id is None or match.element_id.matches(element_id[1]))
        for match in proofs
    )
