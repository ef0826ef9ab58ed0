"""Shapes of real pages: both formats give one action, named by its control, without typed text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from support.posthog_chain import write_chain

from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.elements import elements_of
from rasa_autoplay.gateway.sources.posthog.label import ActionLabel, label_event

PAGE = Pages().page("https://a.example/projects")
BODY = {"tag_name": "body", "nth_child": 1}


def item(tag: str, text: str = "", **attributes: str) -> dict[str, Any]:
    named = {f"attr__{name.rstrip('_').replace('_', '-')}": value for name, value in attributes.items()}
    return {"tag_name": tag, "nth_child": 1, **({"$el_text": text} if text else {}), **named}


def label(event_type: str, *chain: dict[str, Any], **properties: Any) -> ActionLabel | None:
    """Return the label, which must be the same for all formats of the elements."""
    listed = [*chain, BODY]
    written = write_chain(listed)
    forms: list[dict[str, Any]] = [
        {"$elements": listed},
        {"$elements_chain": written},
        {"$elements": listed, "$elements_chain": written},
    ]
    labels = [
        label_event("$autocapture", {"$event_type": event_type, **properties}, elements_of(form), PAGE)
        for form in forms
    ]
    assert labels[0] == labels[1] == labels[2]
    return labels[0]


def title(event_type: str, *chain: dict[str, Any]) -> str:
    found = label(event_type, *chain)
    assert found is not None
    return found.title


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([item("path"), item("svg"), item("button", "Save changes"), item("a", href="/x")], "Save changes"),
        ([item("path"), item("g"), item("svg"), item("a", "Reports", href="/reports")], "Reports"),
        ([item("use"), item("svg", aria_label="Delete"), item("button")], "Delete"),
        ([item("svg"), item("button", aria_label="Table options", aria_haspopup="menu")], "Table options"),
        ([item("i", class_="fa fa-trash"), item("button", title="Delete project")], "Delete project"),
        ([item("i", "more_vert", class_="material-icons"), item("button", data_tooltip="More")], "More"),
        ([item("span", "Bulk edit"), item("li", role="menuitem"), item("ul", role="menu")], "Bulk edit"),
        ([item("div", "Archive", role="menuitem"), item("div", data_radix_portal="")], "Archive"),
        ([item("button", "Save\n   changes\t")], "Save changes"),
        ([item("button", "🚀 Launch")], "🚀 Launch"),
        ([item("button", "👩‍💻", aria_label="Profile")], "Profile"),
        ([item("button", "حفظ التغييرات")], "حفظ التغييرات"),
        ([item("button", "\u202eegnahc evaS\u202c", aria_label="Save")], "egnahc evaS"),
        ([item("button", 'Say "hi"; a:b="c"')], 'Say "hi"; a:b="c"'),
        ([item("label", "Remember me", for_="remember")], "Remember me"),
        ([item("input", type="checkbox", aria_label="Select Mobile app")], "Select Mobile app"),
        ([item("input", type="radio", name="plan", value="gold")], "plan"),
        ([item("input", type="submit", value="Sign in")], "Sign in"),
        ([item("input", type="image", alt="Go")], "Go"),
        ([item("input", type="file", name="avatar")], "avatar"),
        ([item("input", type="text", placeholder="Project name")], "Project name"),
        ([item("summary", "Details"), item("details")], "Details"),
        ([item("div", "Team", role="tab")], "Team"),
        ([item("td", "P-1042"), item("tr"), item("table")], "P-1042"),
    ],
)
def test_names_a_click_by_its_control(chain: list[dict[str, Any]], expected: str) -> None:
    assert title("click", *chain) == f"Click {expected}"


SECRET = "Hunter Two"
TYPES = [
    "text",
    "password",
    "email",
    "search",
    "tel",
    "url",
    "number",
    "date",
    "time",
    "color",
    "range",
    "hidden",
]


@pytest.mark.parametrize("event_type", ["click", "change", "submit"])
@pytest.mark.parametrize(
    "chain",
    [
        *([item("input", SECRET, type=kind, value=SECRET, id="field")] for kind in TYPES),
        [item("input", type="radio", value=SECRET, name="plan")],
        [item("input", type="checkbox", value=SECRET, name="plan")],
        [item("input", type="file", value=SECRET)],
        [item("textarea", SECRET, value=SECRET)],
        [item("select", SECRET, value=SECRET, name="priority")],
        [item("option", SECRET, value=SECRET), item("select", SECRET)],
        [
            item("span", SECRET),
            item("div", SECRET, role="option", aria_label=SECRET),
            item("div", role="listbox"),
        ],
        [item("span", SECRET), item("button", SECRET, role="combobox")],
        [item("input", value=SECRET), item("label", SECRET), item("form", SECRET)],
        [item("div", SECRET, contenteditable="plaintext-only")],
        [item("b", SECRET), item("div", SECRET, contenteditable="true", role="textbox")],
        [item("p", SECRET), item("div", SECRET, class_="tiptap ProseMirror")],
        [item("span", SECRET), item("div", class_="ql-editor")],
        [item("span", SECRET), item("button", SECRET, class_="btn ph-sensitive")],
        [item("button", SECRET, class_="ph-no-capture")],
        [item("button", SECRET), item("div", class_="card ph-no-capture")],
    ],
)
def test_never_passes_typed_selected_or_hidden_values(chain: list[dict[str, Any]], event_type: str) -> None:
    found = label(event_type, *chain, **{"$el_text": SECRET})
    assert found is None or SECRET not in str(msgspec.structs.astuple(found))


def test_makes_no_action_of_hidden_elements() -> None:
    assert label("click", item("button", "Balance"), item("div", class_="ph-no-capture")) is None
    assert title("click", item("button", "Balance", class_="ph-no-capture-not")) == "Click Balance"


@pytest.mark.parametrize(
    ("event_type", "chain", "expected"),
    [
        ("change", [item("select", name="priority"), item("form")], "Change priority"),
        ("change", [item("textarea", aria_label="Description")], "Change Description"),
        ("submit", [item("form", id="new-project", name="create_project")], "Submit create project"),
        ("submit", [item("form", aria_label="New project")], "Submit New project"),
        ("submit", [item("form")], "Submit form"),
    ],
)
def test_describes_fields_and_forms(event_type: str, chain: list[dict[str, Any]], expected: str) -> None:
    assert title(event_type, *chain) == expected
