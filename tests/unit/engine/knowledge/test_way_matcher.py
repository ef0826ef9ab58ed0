"""Steps without element ids: which actions use a step's control, and which only resemble that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.control_names import control_name_of
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.way_matcher import WayMatcher, matchers_of
from rasa_autoplay.events.models import SlimAction

PROJECTS = "https://app.example.com/projects"


@pytest.mark.parametrize(
    ("label", "title", "named", "not_named"),
    [
        (
            "Save changes",
            "Save them",
            ["Click Save changes", "Clicked on “Save  CHANGES”", "save changes button", "Save changes…"],
            ["Click Save", "Click Save changes and close", "Click Save them", "Save changes failed"],
        ),
        (
            "⋯",
            "Open table options",
            ["Click Table options", "Open table options", "Clicked on table options button"],
            ["Click Options", "Click ⋯", "Click Open"],
        ),
        (
            "Apply to N",
            "Apply",
            ["Click Apply to 3", "Apply to 1,200", "Click Apply to N"],
            ["Click Apply", "Click Apply to all", "Click Apply to 3 more"],
        ),
        (None, "Select projects", ["Click Select projects"], ["Click Projects", "Projects"]),
        ("Don’t save", "", ["Click Don't save"], ["Click Save"]),
        ("Löschen", "", ["CLICK LÖSCHEN", "Click Lo\u0308schen"], ["Click Loschen"]),
        ("Plan 1", "", ["Click Plan 1"], ["Click Plan 2"]),
        ("保存", "", ["Click 保存"], ["Click 保存する"]),
    ],
)
def test_matches_the_whole_label_of_a_control(
    label: str | None, title: str, named: list[str], not_named: list[str]
) -> None:
    name = control_name_of([label] if label else [], [title])
    assert name is not None
    assert [each for each in named if not name.is_named_by(each)] == []
    assert [each for each in not_named if name.is_named_by(each)] == []


def test_unreadable_label_matches_nothing() -> None:
    assert control_name_of(["⋯"], [""]) is None
    assert control_name_of([], ["→"]) is None


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs", "Po"]), min_size=1, max_size=30))
@example("\u1fd2")  # a Greek letter whose capital is a letter with an accent beside it
def test_every_label_matches_itself_in_any_spelling(label: str) -> None:
    name = control_name_of([label], [""])
    if name is None:
        return
    titles = [f"Click {label}", f"click  {label} ", f"Clicked on “{label}”", f"{label} button"]
    if label.upper().casefold() == label.casefold():  # not so for some letters, such as Turkish ı
        titles.append(label.upper())
    assert [title for title in titles if not name.is_named_by(title)] == []


def matcher(done_when: dict[str, Any], **step: Any) -> WayMatcher:
    one = {"id": "s", "text": "Do it.", "label": "Bulk edit", "done_when": done_when, **step}
    path = GoldenPath.parse_obj({"id": "p", "title": "P", "page": "/projects", "steps": [one]})
    (made,) = matchers_of(path, path.steps[0])
    return made


def act(
    title: str = "Click Bulk edit", element_id: str = "", url: str = PROJECTS, kind: str = "click"
) -> SlimAction:
    return SlimAction(title, "", url, type=kind, element_id=element_id)


BY_ID = matcher({"element_id": "bulk"})


def test_matches_an_action_without_an_id_by_name_on_the_paths_pages() -> None:
    assert BY_ID(act())
    assert not BY_ID(act(url="https://app.example.com/reports"))
    assert not BY_ID(act(url=""))


@given(st.text(min_size=1).filter(lambda text: text != "bulk"))
def test_never_matches_an_action_with_another_id_by_name(element_id: str) -> None:
    assert not BY_ID(act(element_id=element_id))
    assert BY_ID(act("Click anything", "bulk"))


@pytest.mark.parametrize("kind", ["pageview", "focus", "blur"])
def test_only_user_actions_complete_steps_unless_configured(kind: str) -> None:
    assert not BY_ID(act(kind=kind))
    assert matcher({"element_id": "bulk", "type": kind})(act(kind=kind))


def test_requires_all_other_conditions_of_done_when() -> None:
    on_submit = matcher({"element_id": "bulk", "type": "submit", "page": "/reports"})
    assert on_submit(act("Submit Bulk edit", kind="submit", url="https://app.example.com/reports"))
    assert not on_submit(act(kind="click", url="https://app.example.com/reports"))
    assert not on_submit(act("Submit Bulk edit", kind="submit"))


def test_configured_title_replaces_the_label() -> None:
    titled = matcher({"element_id": "row-*", "title": "click select "})
    assert titled(act("Click Select Mobile app"))
    assert not titled(act())
    assert titled(act("Click Select Mobile app", "row-7"))
    assert not titled(act("Click Mobile app", "row-7")), "all that is written must fit"


def test_leaves_a_step_without_an_id_unchanged() -> None:
    assert not matcher({"title": "other"})(act())


@pytest.mark.parametrize(
    ("step", "named_by"),
    [
        ({"done_when": {"title": "x"}}, "done_when"),
        ({"done_when": {"element_id": "a", "title": "x"}}, "done_when"),
        ({"done_when": {"element_id": "a"}}, "label"),
        ({"done_when": {"element_id": "a"}, "label": "⋯", "title": "Open options"}, "title"),
        ({"done_when": {"element_id": "a"}, "label": None, "title": ""}, ""),
    ],
)
def test_step_reports_how_it_is_matched(step: dict[str, Any], named_by: str) -> None:
    assert matcher(**step).named_by == named_by
