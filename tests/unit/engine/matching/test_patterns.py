"""Which texts and pages a pattern matches."""

from __future__ import annotations

import pytest
from support.rules import did

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.matching.patterns import PagePattern, PropertyPattern, TextPattern


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("save changes", "Click Save Changes now", True),
        ("SAVE", "click save", True),
        ("straße", "In der STRASSE", True),
        ("save", "Click Apply", False),
        ({"exact": "Save"}, "Save", True),
        ({"exact": "Save"}, "save", False),
        ({"exact": "Save"}, "Save it", False),
        ({"regex": "^Save (all|both)$"}, "Save both", True),
        ({"regex": "^Save (all|both)$"}, "Save none", False),
        ({"regex": "save"}, "Save", False),
        ({"regex": "(?i)save"}, "Save", True),
        (["bulk edit", {"exact": "Apply"}], "Apply", True),
        (["bulk edit", {"exact": "Apply"}], "Bulk Edit", True),
        (["bulk edit", {"exact": "Apply"}], "Apply to", False),
        (404, "error 404", True),
    ],
)
def test_matches_texts(pattern: object, text: str, matches: bool) -> None:
    assert TextPattern(pattern).matches(text) is matches


@pytest.mark.parametrize(
    ("pattern", "url", "matches"),
    [
        ("/projects", "https://app.example.com/projects/:id/edit", True),
        ("/PROJECTS", "https://app.example.com/projects", True),
        ({"exact": "/projects"}, "https://app.example.com/projects", True),
        ({"exact": "/projects"}, "https://app.example.com/projects/:id", False),
        ({"exact": "/projects/"}, "https://app.example.com/projects", True),
        ({"exact": "/"}, "https://app.example.com/", True),
        ({"exact": "/projects"}, "/projects", True),
        ({"exact": "https://app.example.com/projects"}, "https://app.example.com/projects", True),
        ({"regex": "/projects(/|$)"}, "https://app.example.com/projects", True),
        ({"regex": "/projects(/|$)"}, "https://app.example.com/projects-old", False),
    ],
)
def test_matches_pages(pattern: object, url: str, matches: bool) -> None:
    assert PagePattern(pattern).matches(url) is matches


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("pro", "Pro", True),
        ("pro", "prospect", False),
        (["pro", "team"], "team", True),
        (True, True, True),
        (True, "true", True),
        (True, False, False),
        (3, 3, True),
        (3, 33, False),
        ({"regex": "^gold"}, "golden", True),
        ("none", None, False),
    ],
)
def test_matches_properties(pattern: object, value: object, fits: bool) -> None:
    assert PropertyPattern(pattern).fits(value) is fits


def test_requires_all_given_fields() -> None:
    matcher = ActionMatcher(
        {"title": TextPattern("save"), "type": TextPattern("click"), "page": PagePattern("/projects")}
    )
    fitting = did("Save", 0)
    others = [did("Save", 0, "/other"), did("Save", 0, type="type"), did("Open", 0)]
    assert matcher.select([*others, fitting]) == [fitting]
    assert [matcher(action) for action in [*others, fitting]] == [False, False, False, True]


def test_empty_pattern_matches_every_action() -> None:
    actions = [did("a", 0), did("b", 1)]
    assert list(ActionMatcher({}).select(actions)) == actions


def test_caches_a_bounded_number_of_results() -> None:
    matcher = ActionMatcher({"title": TextPattern("9")})
    texts = [did(f"t{n}", 0) for n in range(5000)]
    expected = [action for action in texts if "9" in action.title]
    assert matcher.select(texts) == expected
    assert matcher.select(texts) == expected
    assert max(len(answers) for _, answers in matcher._parts) <= 4096
