"""Selectors are read as browsers read them."""

from __future__ import annotations

import pytest

from rasa_autoplay.tools.validation.selectors import selector_problem


@pytest.mark.parametrize(
    "selector",
    [
        "#options",
        "[id^=project-checkbox-]",
        'button[aria-label="Save: all"]',
        "[data-label=':first']",
        "main > .row:not(.old, #x):nth-child(2n+1) a:has(> b)",
        ":is(#a, .b) :where(c)",
        "dialog:modal",
        "li:first-child, li:last-of-type",
        "x-grid >> .cell >> button",
        r"#\31 23",
    ],
)
def test_accepts_what_browsers_accept(selector: str) -> None:
    assert selector_problem(selector) == ""


@pytest.mark.parametrize(
    ("selector", "named"),
    [
        ("##more[", "compound selector"),
        ("#123", "compound selector"),
        ("a,", "compound selector"),
        (" ", "compound selector"),
        ("a..b", "class name"),
        ("[data-x=", "attribute value"),
        ("button:contains('Save')", ":contains"),
        ("tr:first", ":first"),
        ("x-grid >> ##a", "compound selector"),
        ("x-grid >>", "compound selector"),
    ],
)
def test_names_what_browsers_refuse(selector: str, named: str) -> None:
    assert named in selector_problem(selector)
