"""Errors of a draft name the place and the remedy; warnings say what would be better."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.engine.path_drafts.draft_check import check_draft
from rasa_autoplay.engine.path_drafts.draft_warnings import warnings_of
from rasa_autoplay.engine.path_drafts.step_proofs import proved_steps, with_proofs
from rasa_autoplay.events.models import SlimAction


def step(name: str, **more: Any) -> dict[str, Any]:
    known = {"title": name.capitalize(), "element": f"#{name}", "done_when": {"element_id": name}}
    return {"id": name, "text": f"Press {name}.", **known, **more}


def draft(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"id": "p", "title": "P", "description": "D.", "page": "/p", "steps": list(steps), **more}


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("wrong", "place", "message", "remedy"),
    [
        (draft(step("save"), title=""), "title", "must not be empty", "heading"),
        (draft(), "steps", "must not be empty", "Record at least one step"),
        (draft(step("save", text="")), "step 1 (Save), text", "must not be empty", "where to look"),
        (draft(step("save", title="")), "step 1 (save)", "needs a title", "Record"),
        (draft(step("save"), step("save")), "the path", "two steps have the id 'save'", "Record"),
        (draft(step("save", tooltipp="x")), "step 1 (Save), tooltipp", "unknown key", "tooltip"),
        (
            draft(step("save", done_when={"titel": "x"})),
            "step 1 (Save), done_when, titel",
            "unknown",
            "title",
        ),
        (draft(step("save", done_when={})), "step 1 (Save), done_when", "which actions", "Record the step"),
        (draft(step("save", any=[{}])), "step 1 (Save), any, 1", "needs an element", "other way"),
        (draft(step("save", text="${HOME}")), "step 1 (Save), text", "contains ${", "without ${"),
        (draft(step("save", **{"${HOME}": "x"})), "step 1 (Save), ${HOME}", "contains ${", "without ${"),
        (draft(step("save", text="x" * 4_001)), "step 1 (Save), text", "longer than 4000", "Shorten"),
        (draft(*[step(f"s{n}") for n in range(101)]), "steps", "more than 100 steps", "Split"),
        (draft(step("save", done_when=nested(50))), "step 1 (Save), done_when", "too deeply", "Remove"),
        (draft(step("save", title="\ud800")), "step 1", "half a character", "again"),
        (draft("save"), "step 1", "section", "Record at least one step"),
        (draft(step("save"), steps="x"), "steps", "must be a list", "Record"),
        (draft(step("save"), cooldown=float("inf")), "cooldown", "is no number", "Remove"),
        (draft(step("save"), id=None), "id", "must have a value", "short name"),
        ({}, "id", "required", "short name"),
    ],
)
def test_names_the_place_and_the_remedy(wrong: dict[str, Any], place: str, message: str, remedy: str) -> None:
    path, errors = check_draft(wrong)
    assert path is None
    assert any(
        error.place.startswith(place) and message in error.message and remedy in error.remedy
        for error in errors
    ), errors


@pytest.mark.parametrize("value", [None, 5, True, [], {}, [[]], {"a": 1}, "x", [None], [5], [{"id": 5}]])
def test_survives_wrong_types_everywhere(value: Any) -> None:
    good = draft(step("save", any=[{"element": "#other"}]))
    places: list[dict[str, Any]] = [{**good, key: value} for key in good]
    places += [draft({**good["steps"][0], key: value}) for key in good["steps"][0]]
    for wrong in places:
        check_draft(with_proofs(wrong))
        proved_steps(wrong, SlimAction("Click Save", "", "https://a/p", type="click", element_id="save"))


def warned(*steps: Any, controls: Any = None, **more: Any) -> list[tuple[str, str]]:
    whole = with_proofs(draft(*steps, **more))
    path, errors = check_draft(whole)
    assert path is not None, errors
    return [(each.step, each.message) for each in warnings_of(whole, path, controls or {})]


def test_good_draft_has_no_warning() -> None:
    assert warned(step("open"), step("choose", optional=True), step("save")) == []


def test_warns_about_more_than_five_steps_of_the_tour() -> None:
    names = ["open", "choose", "name", "check", "save", "close"]
    assert warned(*map(step, names[:5])) == []
    ((where, message),) = warned(*map(step, names))
    assert where == ""
    assert "6 steps" in message
    in_chat = step("close", element=None)
    assert warned(*map(step, names[:5]), in_chat) == []


def test_warns_about_a_title_that_several_controls_share() -> None:
    own = step("save", element=".btn", done_when={"title": {"exact": "Click Save"}, "page": "/p"})
    one = {"Click Save": {"https://a/p"}}
    two = {"Click Save": {"https://a/p", "#save-2"}}
    assert warned(own, controls=one) == []
    ((where, message),) = warned(own, controls=two)
    assert where == "save"
    assert "2 controls have the title “Click Save” (#save-2, https://a/p)" in message
    assert warned(step("save", done_when={"title": "x", "element_id": "save"}), controls=two) == []


def test_warns_about_ids_with_numbers_unless_any_of_them_will_do() -> None:
    ((where, message),) = warned(step("row", element="#row-42", done_when={"element_id": "row-42"}))
    assert where == "row"
    assert "“row-42” contains a number" in message
    assert warned(step("row", element='[id^="row-"]', done_when={"element_id": "row-42"})) == []


def test_warns_about_a_step_that_no_action_proves() -> None:
    ((where, message),) = warned(step("save"), step("wait", element=None, done_when=None))
    assert where == "wait"
    assert "explained but not followed" in message


def test_warns_about_a_proof_that_proves_another_step_as_well() -> None:
    again = step("again", done_when={"title": "click save", "element_id": "save"})
    found = warned(step("save"), again)
    assert [where for where, _ in found] == ["again"], "each action on #save proves “save”"
    assert "proves step 1 (Save) as well" in found[0][1]
    same = warned(step("save"), step("other", done_when={"element_id": "save"}))
    assert [where for where, _ in same] == ["save", "other"]


def test_warns_about_a_missing_description_and_page() -> None:
    found = [message for _, message in warned(step("save"), description="", page="")]
    assert len(found) == 2
    assert "no description" in found[0]
    assert "every page" in found[1]


@pytest.mark.parametrize(
    ("element", "recorded", "filled"),
    [
        ("#save", None, {"element_id": "save"}),
        ('[id="a.b"]', None, {"element_id": "a.b"}),
        ('[id^="row-"]', None, {"element_id": "row-*"}),
        ("[id^=row-]", None, {"element_id": "row-*"}),
        ('input[id^="row-"][id$="-box"]', None, {"element_id": "row-*-box"}),
        ('my-list >> [id^="row-"]', None, {"element_id": "row-*"}),
        ('[id^="row-"]', {"element_id": "row-7"}, {"element_id": "row-*"}),
        ('[id^="row-"]', {"element_id": "cell-7"}, {"element_id": "cell-7"}),
        ('[id^="row-"]', {"title": "x"}, {"title": "x"}),
        ("#save", {"title": "x"}, {"title": "x"}),
        (".btn", None, None),
        ("button", None, None),
        ('[data-testid="save"]', None, None),
        (None, None, None),
    ],
)
def test_fills_in_what_the_element_proves(element: Any, recorded: Any, filled: Any) -> None:
    (found,) = with_proofs({"steps": [{"id": "a", "element": element, "done_when": recorded}]})["steps"]
    assert found["done_when"] == filled
    own = {"id": "a", "any": [{"element": element, "done_when": recorded}]}
    (found,) = with_proofs({"steps": [own]})["steps"]
    assert found["any"][0]["done_when"] == filled


def test_finds_the_steps_that_an_action_proves_in_an_unfinished_draft() -> None:
    unfinished = {
        "title": "",
        "page": "/p",
        "steps": [
            {"id": "open", "done_when": {"element_id": "open"}},
            {"id": "broken", "done_when": {"element_id": ["("], "regex": 5}},
            {"id": "rows", "text": "", "element": "[id^=row-]"},
            {"id": "menu", "any": [{"done_when": {"element_id": "row-7"}}], "optional": True},
            "nonsense",
        ],
    }

    def clicked(element_id: str) -> SlimAction:
        return SlimAction("Click it", "", "https://a/p", type="click", element_id=element_id)

    assert proved_steps(unfinished, clicked("open")) == ["open"]
    assert proved_steps(unfinished, clicked("row-7")) == ["rows", "menu"]
    assert proved_steps(unfinished, clicked("close")) == []
    assert proved_steps({}, clicked("open")) == []
