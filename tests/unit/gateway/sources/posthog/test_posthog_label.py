from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.gateway.sources.pages import NOWHERE, Pages
from rasa_autoplay.gateway.sources.posthog.elements import Element, elements_of
from rasa_autoplay.gateway.sources.posthog.label import ActionLabel, clean_text, label_elements, label_event

PAGE = Pages().page("https://a.example/projects")


def element(tag: str = "button", text: str = "", **attributes: str) -> Element:
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Element(tag, text, named.get("id", ""), named)


def title(*elements: Element, event_type: str = "click") -> str:
    label = label_elements(event_type, elements, PAGE)
    assert label is not None
    return label.title


def test_describes_a_click() -> None:
    assert label_elements("click", [element(text="Save changes", id="edit-save")], PAGE) == ActionLabel(
        type="click",
        title="Click Save changes",
        description="User clicked Save changes on the projects page",
        element_id="edit-save",
    )
    label = label_elements("click", [element(text="Go")], NOWHERE)
    assert label is not None
    assert label.description == "User clicked Go"


@pytest.mark.parametrize(
    ("clicked", "expected"),
    [
        (element(text=" Save\n changes ", aria_label="Other"), "Click Save changes"),
        (element(aria_label="Table options", id="projects-table-options"), "Click Table options"),
        (element(text="⋯", aria_label="Table options"), "Click Table options"),
        (element(text="more_vert", aria_label="Table options"), "Click Table options"),
        (element(text="\ue5d4", title="Menu"), "Click Menu"),
        (element(text="⋯"), "Click ⋯"),
        (element(data_testid="save-button"), "Click save button"),
        (element(id="saveButton"), "Click save button"),
        (element(id=":r1:"), "Click button"),
        (element(id="radix-42"), "Click button"),
        (element("a"), "Click link"),
        (element("input", type="submit", value="Sign in"), "Click Sign in"),
        (element(text="保存"), "Click 保存"),
    ],
)
def test_prefers_the_best_label(clicked: Element, expected: str) -> None:
    assert title(clicked) == expected


def test_labels_icons_by_their_control_and_controls_by_their_content() -> None:
    assert title(element("svg"), element("button", "Save")) == "Click Save"
    assert title(element("span", "Save"), element("div", role="button")) == "Click Save"
    assert title(element("img", alt="Home"), element("a")) == "Click Home"


def test_describes_changes_and_submits() -> None:
    select = element("select", id="edit-priority")
    assert title(select, event_type="change") == "Change edit priority"
    assert title(element("select", name="priority", id="x"), event_type="change") == "Change priority"
    label = label_elements("change", [select], PAGE)
    assert label is not None
    assert (label.type, label.element_id) == ("type", "edit-priority")
    assert label.description == "User changed edit priority on the projects page"
    assert title(element("form", "typed", id="new_project"), event_type="submit") == "Submit new project"


def test_makes_one_action_per_user_action() -> None:
    for kind in ("checkbox", "radio"):
        assert label_elements("change", [element("input", type=kind)], PAGE) is None
    assert label_elements("click", [element("input", type="checkbox")], PAGE) is not None


def test_repeated_click_reports_are_not_labelled_as_clicks() -> None:
    elements = [element(text="Save changes", id="edit-save")]
    label = label_event("$rageclick", {}, elements, PAGE)
    assert label is not None
    assert (label.type, label.title, label.element_id) == ("click", "Rage click", "edit-save")
    assert label.description == "User clicked Save changes again and again on the projects page"
    assert label_event("$dead_click", {}, elements, PAGE) is not None


def test_names_a_page_view_after_its_page() -> None:
    assert label_event("$pageview", {}, [], PAGE) == ActionLabel(
        "pageview", "Page load: Projects", "User opened the projects page"
    )


@pytest.mark.parametrize(
    "event",
    ["$identify", "$set", "$pageleave", "$web_vitals", "$feature_flag_called", "$copy_autocapture", "sale"],
)
def test_makes_no_actions_of_other_events(event: str) -> None:
    assert label_event(event, {"$event_type": "click", "$el_text": "x"}, [element()], PAGE) is None


def test_uses_the_text_without_elements() -> None:
    event = {"$event_type": "click", "$el_text": "Save", "$elements": [7], "$elements_chain": ""}
    label = label_event("$autocapture", event, elements_of(event), PAGE)
    assert label is not None
    assert label.title == "Click Save"
    assert label_event("$autocapture", {"$event_type": "click"}, [], PAGE) is None
    assert label_event("$autocapture", {"$event_type": ["click"]}, [element()], PAGE) is None


SECRET = "Hunter Two"


@pytest.mark.parametrize("event_type", ["click", "change", "submit"])
@pytest.mark.parametrize(
    "chain",
    [
        [element("input", SECRET, value=SECRET, type="text", id="name")],
        [element("input", SECRET, value=SECRET)],
        [element("textarea", SECRET, value=SECRET)],
        [element("select", SECRET, value=SECRET), element("form", SECRET)],
        [element("option", SECRET), element("select")],
        [element("div", SECRET, role="textbox")],
        [element("button", SECRET, role="combobox")],
        [element("div", SECRET, contenteditable="true")],
        [element("b", SECRET), element("p", SECRET), element("div", SECRET, contenteditable="")],
        [element("span", SECRET), element("div", **{"class": "ProseMirror"})],
        [element("span", SECRET, **{"data-slate-string": "true"})],
        [element("p", SECRET), element("form")],
    ],
)
def test_never_passes_typed_or_selected_values(chain: list[Element], event_type: str) -> None:
    label = label_event("$autocapture", {"$event_type": event_type, "$el_text": SECRET}, chain, PAGE)
    assert label is not None
    assert SECRET not in f"{label.title} {label.description} {label.element_id}"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Write to jane.doe+x@example.co.uk now", "Write to [e-mail] now"),
        ("Card 4111 1111 1111 1111", "Card [card]"),
        ("+49 (170) 123-45", "[number]"),
        ("0170 1234567", "[number]"),
        ("123-45-6789", "[number]"),
        ("Key sk-abc123def456ghi789jkl012mno", "Key [token]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[token]"),
        ("Order 12345678", "Order 12345678"),
        ("2024-01-31 – 2024-02-05", "2024-01-31 – 2024-02-05"),
        ("Apply to 3", "Apply to 3"),
        (" a\u202eb\u200b \n\t c\x00 ", "ab c"),
        ("x " * 100, ("x " * 60)[:119].rstrip() + "…"),
    ],
)
def test_cleans_and_masks_texts(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_masks_attributes_and_ids() -> None:
    assert title(element(aria_label="Remove jane@example.com")) == "Click Remove [e-mail]"
    label = label_elements("click", [element(id="user-jane@example.com")], PAGE)
    assert label is not None
    assert "jane" not in f"{label.title}{label.description}{label.element_id}"


@given(
    st.text(max_size=300),
    st.sampled_from(["click", "change", "submit"]),
    st.sampled_from(["a", "input", "p", ""]),
)
def test_any_text_makes_a_short_single_line(text: str, event_type: str, tag: str) -> None:
    label = label_elements(event_type, [element(tag, text, aria_label=text, id=text)], PAGE)
    assert label is not None
    assert len(label.title) <= 130
    assert label.title.isprintable() or not text.isprintable()
    assert "\n" not in label.title
