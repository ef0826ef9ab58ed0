"""Says what is wrong with a step whose element is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rasa_autoplay.engine.knowledge.step import Step, Way
from rasa_autoplay.engine.knowledge.step_match import StepMatch
from rasa_autoplay.tools.verification.names import fits_label

__all__ = ["CONTROL_ROLES", "is_in_another_language", "is_usable", "means_one", "name_problem"]

#: Part of a selector that fits elements by a part of an attribute.
_PARTLY = re.compile(r"[\^$*~|]=")
#: Last part of a selector that names one element: an id, or an attribute that is meant to be unique.
_NAMES_ONE = re.compile(
    r"#[^\s>+~.:\[]+$|\[(?:id|name|data-[\w-]*(?:test|qa|cy|pw|e2e)[\w-]*)=[^\]]+\]$", re.IGNORECASE
)
_SEVERAL = frozenset({"checkbox", "radio", "option", "row", "menuitemcheckbox"})
CONTROL_ROLES = frozenset(
    {"button", "checkbox", "combobox", "link", "listbox", "menuitem", "menuitemcheckbox", "menuitemradio"}
    | {"option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem"}
)


def is_usable(facts: dict[str, Any]) -> bool:
    """Whether users can use the element that a selector finds."""
    return bool(facts["shown"]) and not facts["isDisabled"] and not facts["coveredBy"]


def means_one(step: Step, way: Way, facts: dict[str, Any]) -> bool:
    """Whether a step means one element although its selector finds several that are shown.

    Any of them will do if the step says so, if the selector or ``done_when`` fits ids by a part, or if all
    are alike, such as the same button in each row of a table.
    """
    if step.several or _PARTLY.search(way.element or "") or "," in (way.element or ""):
        return False
    if way.done_when is not None and _fits_several_ids(way.done_when):
        return False
    if _NAMES_ONE.search(way.element or ""):
        return True
    roles = facts["roles"]
    if len(roles) == 1 and roles[0] in _SEVERAL:
        return False
    return len(roles) > 1 or not _all_fit(way.labels, facts["names"])


def _fits_several_ids(match: StepMatch) -> bool:
    pattern = match.element_id
    return pattern is not None and ("*" in pattern.text or "/" in pattern.text or " or " in pattern.text)


def _all_fit(labels: Sequence[str], names: list[list[str]]) -> bool:
    return all(fits_label(labels, texts) for texts in names)


def name_problem(way: Way, facts: dict[str, Any]) -> str:
    """Return the name of an element that differs from the step's label; empty if the label is right."""
    first = facts["first"]
    if _fits(way.labels, facts):
        return ""
    return first["name"] or next(iter(facts["names"][0]), "") or "(no name)"


def is_in_another_language(way: Way, facts: dict[str, Any]) -> bool:
    """Whether an element has the step's label, but not in the language that the page names."""
    return bool(way.label) and _fits(way.labels, facts) and not _fits((way.label or "",), facts)


def _fits(labels: Sequence[str], facts: dict[str, Any]) -> bool:
    texts, first = _flat(facts["names"]), facts["first"]
    return fits_label(labels, texts, is_container=first["role"] not in CONTROL_ROLES)


def _flat(names: list[list[str]]) -> list[str]:
    return list(_each(names))


def _each(names: list[list[str]]) -> Iterator[str]:
    for texts in names:
        yield from texts
