"""When a selector means one element, and when a name is the label."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.engine.knowledge.step import Step
from rasa_autoplay.tools.verification.names import fits_label
from rasa_autoplay.tools.verification.remedies import element_line, label_line
from rasa_autoplay.tools.verification.step_check import means_one


def _means_one(element: str, roles: tuple[str, ...] = ("button",), name: str = "Save", **more: Any) -> bool:
    step = Step.parse_obj({"id": "a", "title": "A", "text": "Do it.", "element": element, **more})
    return means_one(step, step.ways[0], {"roles": list(roles), "names": [[name], [name]]})


def test_id_means_one_element() -> None:
    assert _means_one("#save")
    assert _means_one('[id="save"]')
    assert _means_one("[data-testid=save]")
    assert _means_one("main form #save")


def test_selector_of_parts_means_any_of_several() -> None:
    assert not _means_one("[id^=row-]")
    assert not _means_one("[data-testid$=-save]")
    assert not _means_one("#save, #store")


def test_steps_may_say_that_any_will_do() -> None:
    assert not _means_one("#save", several=True)
    assert not _means_one("#save", done_when={"element_id": "save-*"})
    assert not _means_one("#save", done_when={"element_id": ["save", "store"]})


def test_like_elements_may_repeat() -> None:
    assert not _means_one(".edit", name="Edit", label="Edit")
    assert not _means_one("#table .tick", roles=("checkbox",))
    assert _means_one(".button", roles=("button", "link"))
    assert _means_one(".button", name="Cancel", label="Save")


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Save changes", "save  changes"),
        ("Apply to N", "Apply to 3"),
        ("Inbox", "Inbox (12)"),
        ("Projects", "Projects 24"),
        ("⋯", "Table options"),
        (None, "anything"),
        ("Don't save", "Don’t save"),
    ],
)
def test_label_is_the_name_without_signs_case_and_counts(label: str | None, text: str) -> None:
    assert fits_label([label] if label else [], [text])


def test_other_names_are_not_the_label() -> None:
    assert not fits_label(["Save"], ["Save as"])
    assert not fits_label(["Save"], [])
    assert not fits_label(["Name"], ["Full name of the customer"])
    assert fits_label(["Name"], ["Full name of the customer"], is_container=True)


def test_yaml_lines_are_quoted_where_needed() -> None:
    assert element_line("#save") == 'element: "#save"'
    assert element_line('[data-testid="save"]') == "element: '[data-testid=\"save\"]'"
    assert label_line("Save changes") == "label: Save changes"
    assert label_line("Yes") == 'label: "Yes"'
    assert label_line("a: b") == 'label: "a: b"'
