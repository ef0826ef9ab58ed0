"""What users do in the host app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["PROJECTS", "Deed", "change", "click", "dead_click", "error", "open_page", "rage_click", "tick"]

#: The projects of the host app.
PROJECTS = {
    "P-1042": "Customer portal relaunch",
    "P-1045": "Payment provider migration",
    "P-1047": "Mobile app 4.0",
    "P-1051": "Accessibility audit",
    "P-1053": "Warehouse label redesign",
    "P-1056": "Partner API documentation",
    "P-1060": "Spring campaign pages",
    "P-1064": "Data retention clean-up",
}


@dataclass(frozen=True)
class Deed:
    """One thing that a user does.

    Args:
        event: posthog-js's name of the event.
        page: the page's name: ``projects`` or ``dashboard``; empty for the page where the user is.
        properties: the event's own properties.
    """

    event: str
    page: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


def open_page(name: str) -> Deed:
    """Go to a page."""
    return Deed("$pageview", name)


def click(text: str, element_id: str = "", label: str = "", tag: str = "button") -> Deed:
    """Click a control.

    Args:
        text: the control's text.
        element_id: its DOM id.
        label: its ``aria-label``.
        tag: its tag.
    """
    return _on("$autocapture", "click", _element(tag, text, element_id, label))


def tick(project_id: str) -> Deed:
    """Tick a project's checkbox."""
    box = _element("input", "", f"project-checkbox-{project_id}", f"Select {PROJECTS[project_id]}")
    return _on("$autocapture", "click", {**box, "attr__type": "checkbox"})


def change(element_id: str, label: str) -> Deed:
    """Change a field."""
    return _on("$autocapture", "change", _element("select", "", element_id, label))


def rage_click(text: str, element_id: str = "") -> Deed:
    """Click again and again."""
    return _on("$rageclick", "click", _element("button", text, element_id, ""))


def dead_click(text: str) -> Deed:
    """Click on something that does nothing."""
    return _on("$dead_click", "click", _element("span", text, "", ""))


def error() -> Deed:
    """Meet an error of the app."""
    listed = [{"type": "TypeError", "value": "projects is undefined"}]
    return Deed("$exception", "", {"$exception_list": listed, "$exception_types": ["TypeError"]})


def _on(event: str, kind: str, element: dict[str, Any]) -> Deed:
    return Deed(event, "", {"$event_type": kind, "$elements": [element]})


def _element(tag: str, text: str, element_id: str, label: str) -> dict[str, Any]:
    named = {"attr__id": element_id, "attr__aria-label": label}
    return {
        "tag_name": tag,
        "$el_text": text,
        **{name: value for name, value in named.items() if value},
        "nth_child": 1,
        "nth_of_type": 1,
    }
