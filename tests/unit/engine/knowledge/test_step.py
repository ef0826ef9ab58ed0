"""A step can be done in several ways, and mistakes in them are named with their line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rasa_autoplay.engine.assistant.protocol.step_sentences import label_shown
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.knowledge.search import KnowledgeBase
from rasa_autoplay.engine.knowledge.step import Step
from rasa_autoplay.engine.tours.problems import TourProblems
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SlimAction

MENU = {"element": "#menu-save", "label": "Save", "done_when": {"element_id": "menu-save"}}
SHORTCUT = {"done_when": {"title": {"exact": "Press Ctrl+S"}}}
BAR = {"element": "#bar-save", "label": "Save now", "done_when": {"element_id": "bar-save"}}


def step(**keys: Any) -> Step:
    return Step.parse_obj({"id": "save", "title": "Save", "text": "Save it.", **keys})


def test_own_keys_are_the_first_way() -> None:
    made = step(**BAR, any=[MENU, SHORTCUT])
    assert [way.element for way in made.ways] == ["#bar-save", "#menu-save", None]
    assert made.elements == ("#bar-save", "#menu-save")
    assert made.labels == ("Save now", "Save")
    assert len(made.proofs) == 3


def test_all_ways_may_be_in_any() -> None:
    assert step(any=[BAR, MENU]).ways == step(**BAR, any=[MENU]).ways


def test_step_without_element_label_and_proof_has_no_way() -> None:
    assert step().ways == ()
    assert [way.label for way in step(label="Save").ways] == ["Save"]


def test_ways_survive_being_copied_into_a_path() -> None:
    made = step(**BAR, any=[MENU])
    path = GoldenPath(id="p", title="P", steps=[made])
    assert path.steps[0].ways == made.ways
    assert path == GoldenPath(id="p", title="P", steps=[step(**BAR, any=[MENU])])
    assert path != GoldenPath(id="p", title="P", steps=[step(**BAR)])


def test_browser_gets_the_elements_of_all_ways_in_order() -> None:
    path = GoldenPath(id="p", title="P", steps=[step(**BAR, any=[SHORTCUT, MENU]), step(id="x", **BAR)])
    several_ways, one_way = msgspec.to_builtins(path.tour_steps())
    assert (several_ways["element"], several_ways["any"]) == ("#bar-save", ["#menu-save"])
    assert "any" not in one_way, "earlier versions of the browser's script know one way"


def test_first_way_with_an_element_is_the_tours_first() -> None:
    (shown,) = GoldenPath(id="p", title="P", steps=[step(**SHORTCUT, any=[MENU, BAR])]).tour_steps()
    assert (shown.element, shown.other_elements) == ("#menu-save", ["#bar-save"])


@pytest.mark.parametrize(
    ("ways", "waits"),
    [
        ([BAR, MENU], False),
        ([{"element": "#a"}, {"element": "#b"}], False),
        ([{"element": "#a"}, {"element": "#b", "done_when": {"element_id": ["a", "b"]}}], False),
        ([{"element": "#a"}, BAR], True),
        ([BAR, {"element": "#a", "done_when": {"type": "pageview", "page": "/saved"}}], True),
        ([BAR, {"done_when": {"type": "pageview", "page": "/saved"}}], False),
    ],
)
def test_browser_waits_if_using_one_of_the_elements_may_not_do_the_step(
    ways: list[dict[str, Any]], waits: bool
) -> None:
    (shown,) = GoldenPath(id="p", title="P", steps=[step(any=ways)]).tour_steps()
    assert shown.waits is waits


def act(title: str = "", element_id: str = "") -> SlimAction:
    return SlimAction(title, "", "https://app.example.com/files", type="click", element_id=element_id)


def test_any_way_proves_the_step_once() -> None:
    both = {"done_when": {"title": "save"}}
    tracker = PathTracker([GoldenPath(id="p", title="P", steps=[step(**BAR, any=[MENU, SHORTCUT, both])])])
    for action in (act(element_id="bar-save"), act(element_id="menu-save"), act("Press Ctrl+S"), act("Save")):
        evidence: dict[str, Any] = {}
        assert tracker.record(action, evidence) == ["p"]
        assert [each.steps for each in evidence["p"]] == [(0,)]
    assert tracker.record(act("Close", "close"), {}) == []


def test_source_without_ids_proves_a_way_by_its_own_label() -> None:
    tracker = PathTracker([GoldenPath(id="p", title="P", steps=[step(**BAR, any=[MENU])])])
    assert tracker.record(act("Click Save now"), {}) == ["p"]
    assert tracker.record(act("Click Save"), {}) == ["p"]
    assert tracker.record(act("Click Save all"), {}) == []


def test_counts_a_step_without_name_only_if_no_way_has_one() -> None:
    nameless = {"id": "a", "title": "", "text": "Do it.", "done_when": {"element_id": "x"}}
    named = {**nameless, "id": "b", "any": [{"label": "Save", "done_when": {"element_id": "y"}}]}
    path = GoldenPath.parse_obj({"id": "p", "title": "P", "steps": [nameless, named]})
    assert PathTracker([path]).steps_without_name == 1


def test_chat_names_the_labels_of_all_ways() -> None:
    path = GoldenPath(id="p", title="P", steps=[step(**BAR, any=[{**MENU, "label": "Keep draft"}])])
    assert label_shown(path.steps[0]) == "“Save now” / “Keep draft”"
    (hit,) = KnowledgeBase([path]).query_knowledge_base(query="keep a draft")
    assert hit.as_dict()["steps"][0]["label"] == "Save now"


def test_path_reaches_the_page_of_each_way() -> None:
    opened = {"done_when": {"type": "pageview", "page": "/saved"}}
    path = GoldenPath(id="p", title="P", page="/files", steps=[step(**BAR, any=[MENU, opened])])
    assert path.reaches("https://app.example.com/saved")
    assert not path.reaches("https://app.example.com/lost")


def test_problem_of_a_tour_names_the_elements_of_all_ways() -> None:
    path = GoldenPath(id="p", title="P", steps=[step(**SHORTCUT, any=[MENU, BAR])])
    problems = TourProblems()
    problems.record(path, "save", "missing", "/files", 0.0)
    assert [row["selector"] for row in problems.rows] == ["#menu-save, #bar-save"]


@pytest.mark.parametrize(
    ("keys", "line", "place", "message"),
    [
        ({"any": []}, 7, "steps.0.any", "an empty list names no way"),
        ({"any": [MENU, {}]}, 9, "steps.0.any.1", "a way needs an element"),
        ({"any": [MENU, {"label": "Save"}]}, 9, "steps.0.any.1", "a way needs an element"),
        ({"any": [MENU, {"elment": "#x"}]}, 9, "steps.0.any.1.elment", "did you mean 'element'?"),
        ({"any": [MENU, "#x"]}, 9, "steps.0.any.1", "such as done_when, element, label."),
        ({"any": MENU}, 7, "steps.0.any", "must be a list"),
        ({"any": [MENU, {"done_when": {}}]}, 9, "steps.0.any.1.done_when", "say which actions you mean"),
        ({"any": [MENU, SHORTCUT, MENU]}, 4, "steps.0", "two ways of this step are the same"),
        ({**BAR, "any": [BAR]}, 4, "steps.0", "two ways of this step are the same"),
        ({"label": "Save", "any": [MENU]}, 4, "steps.0", "a label alone is not a way"),
        ({"title": "", "any": [MENU]}, 4, "steps.0", "needs a title"),
    ],
)
def test_names_the_place_of_a_mistake(
    tmp_path: Path, keys: dict[str, Any], line: int, place: str, message: str
) -> None:
    (tmp_path / "p.yml").write_text(
        _yaml({"id": "save", "title": "Save", "text": "Save it.", **keys}), "utf-8"
    )
    with pytest.raises(ConfigError) as found:
        load_golden_paths(tmp_path)
    assert message in found.value.message
    assert found.value.message.startswith(f"p.yml:{line}: {place}: ")


def _yaml(keys: dict[str, Any]) -> str:
    """Write the path's file: the step begins in line 4, and ``any`` comes last, with one way per line."""
    ways = keys.pop("any")
    lines = [
        f"{name}: {json.dumps(value)}" for name, value in keys.items() if name in ("id", "title", "text")
    ]
    more = [
        f"{name}: {json.dumps(value)}" for name, value in keys.items() if name not in ("id", "title", "text")
    ]
    found = [f"  - {json.dumps(way)}" for way in ways] if isinstance(ways, list) and ways else []
    head = "any:" if found else f"any: {json.dumps(ways)}"
    step_lines = [*lines, head, *found, *more]
    first, *rest = step_lines
    return (
        "\n".join(["id: p", "title: P", "steps:", f"  - {first}", *(f"    {line}" for line in rest)]) + "\n"
    )
