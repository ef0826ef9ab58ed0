"""A session becomes the first draft of a golden path, which the same session completes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.draft_file import file_of_recording
from rasa_autoplay.engine.knowledge.drafting import Draft, draft_of
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.path_results import PathResult, path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.events.models import SlimAction

PAGE = "https://app.example.com/reports"


def click(title: str, at: float, element_id: str = "", page: str = PAGE, **fields: Any) -> SlimAction:
    fields.setdefault("type", "click")
    return SlimAction(title, "", page, timestamp_start=at, element_id=element_id, **fields)


def view(at: float, page: str) -> SlimAction:
    return click(f"Page load: {page}", at, page=f"https://app.example.com{page}", type="pageview")


def titles(draft: Draft) -> list[str]:
    return [step.settings["title"] for step in draft.steps]


def path_of(draft: Draft, folder: Path) -> GoldenPath:
    (folder / "draft.yml").write_text(file_of_recording(draft, "my-workflow", "a session"), "utf-8")
    (path,) = load_golden_paths(folder)
    return path


def replayed(path: GoldenPath, actions: list[SlimAction]) -> PathResult:
    tracker, evidence = PathTracker([path]), EvidenceByPath()
    for action in actions:
        tracker.record(action, evidence)
    (verdict,) = path_results_of(tracker, evidence)
    return verdict


def test_element_id_sets_element_and_done_when() -> None:
    (step,) = draft_of([click("Click Export", 1, "export-menu")]).steps
    assert step.settings == {
        "id": "export",
        "title": "Export",
        "label": "Export",
        "text": 'Press "Export".',
        "element": "#export-menu",
        "done_when": {"element_id": "export-menu"},
    }
    assert step.notes == ()


def test_step_without_an_id_is_matched_by_exact_title_and_page() -> None:
    (step,) = draft_of([click("Click Export", 1)]).steps
    assert step.settings["done_when"] == {"title": {"exact": "Click Export"}, "page": {"exact": "/reports"}}
    assert "element" not in step.settings
    assert "CSS selector" in step.notes[0]


@pytest.mark.parametrize(
    ("ids", "pattern"),
    [
        (["row-1", "row-2", "row-2"], "row-*"),
        (["row-1"], "row-1"),
        (["cell-1-2", "cell-3-4"], "cell-*-*"),
        (
            [
                "p-0f8fad5b-d9cb-469f-a165-70867728950e",
                "p-7c9e6679-7425-40de-944b-e07fc1f90ae7",
            ],
            "p-*",
        ),
    ],
)
def test_merges_ids_that_differ_only_in_a_number(ids: list[str], pattern: str) -> None:
    actions = [click(f"Click Select {at}", at, found) for at, found in enumerate(ids)]
    (step,) = draft_of(actions).steps
    assert step.settings["done_when"] == {"element_id": pattern}
    assert step.settings["element"] == f"#{ids[0]}"
    assert len(step.notes) == 1, "a person has to check it"


def test_ignores_generated_ids() -> None:
    draft = draft_of([click("Click Export", 1, "radix-:r1:"), click("Click CSV", 2, "radix-:r2:")])
    assert [step.settings["done_when"]["title"]["exact"] for step in draft.steps] == [
        "Click Export",
        "Click CSV",
    ]


def test_quotes_an_id_that_is_not_a_css_name() -> None:
    (step,) = draft_of([click("Click x", 1, 'form.a"b')]).steps
    assert step.settings["element"] == '[id="form.a\\"b"]'


def test_makes_steps_only_of_user_actions() -> None:
    actions = [
        view(0, "/home"),
        click("Click Export", 10, "menu"),
        view(11, "/export"),
        click("Focus name", 12, "name", type="focus"),
        click("Change name", 13, "name", type="type"),
        click("Blur name", 14, "name", type="blur"),
        click("Rage click", 15, "save", signal="rage_click"),
        click("Click Save", 16, "save"),
        click("Submit form", 16.5, "form", type="submit"),
        click("Click Save", 18, "save"),
        view(19, "/done"),
    ]
    draft = draft_of(reversed(actions))
    assert (titles(draft), draft.page, draft.left_out) == (["Export", "Name", "Save"], "/reports", ())


def test_makes_a_step_of_a_page_reached_without_an_action() -> None:
    actions = [
        click("Click Export", 1, "menu"),
        view(2, "/a"),
        view(3, "/redirected"),
        view(30, "/b"),
        click("Click Save", 31, "save"),
    ]
    (_, page, _) = draft_of(actions).steps
    assert page.settings["done_when"] == {"type": "pageview", "page": {"exact": "/b"}}


def test_merges_click_and_input_of_a_field() -> None:
    draft = draft_of([click("Click field", 1, "name"), click("Change name", 2, "name", type="type")])
    assert draft.steps[0].settings["text"] == 'Fill in or choose "name".'


def test_omits_and_reports_detours(tmp_path: Path) -> None:
    actions = [
        click("Click Menu", 1, "menu"),
        click("Click Wrong", 2, "wrong"),
        click("Click Menu", 3, "menu"),
        click("Click Right", 4, "right"),
        click("Click Apply", 5, "apply"),
    ]
    draft = draft_of(actions)
    assert (titles(draft), draft.left_out) == (["Menu", "Right", "Apply"], ("Wrong",))
    assert "detours: Wrong." in file_of_recording(draft, "x", "a session")
    assert replayed(path_of(draft, tmp_path), actions).completed == 1


def test_makes_no_draft_without_actions() -> None:
    assert draft_of([view(1, "/a"), view(9, "/b")]) == Draft("")
    assert draft_of([]) == Draft("")


HOSTILE = [
    "${HOME}",
    'a: "b" #c',
    "'\\",
    "- x\n- y",
    "\ue000\u2028",
    "{",
    "*",
    "é 😀",
    "x" * 500,
    "Click ",
    "\t",
]


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("as_id", [False, True])
def test_drafted_file_is_readable_for_any_page_text(title: str, as_id: bool, tmp_path: Path) -> None:
    actions = [
        click(f"Click {title}", 1, title if as_id else ""),
        click(title, 2),
        click("Click Go", 3, "go"),
    ]
    draft = draft_of(actions)
    assert "Go" in titles(draft)
    assert replayed(path_of(draft, tmp_path), actions).completed == 1


_ACTIONS = st.lists(
    st.builds(
        click,
        st.sampled_from(["Click A", "Click B", "Change A", "C", "Submit B"]),
        st.integers(0, 60).map(float),
        st.sampled_from(["", "", "a", "row-1", "row-2", "row-x", "9-a", "8-a"]),
        st.sampled_from(["", PAGE, f"{PAGE}/:id", "https://app.example.com/", "nonsense"]),
        type=st.sampled_from(["click", "click", "type", "submit", "pageview", "blur", ""]),
        signal=st.sampled_from(["", "", "", "error"]),
    ),
    max_size=14,
)


@given(_ACTIONS)
def test_every_session_completes_its_own_draft(actions: list[SlimAction]) -> None:
    draft = draft_of(actions)
    if draft.steps:
        steps = [step.settings for step in draft.steps]
        path = GoldenPath.parse_obj({"id": "x", "title": "X", "steps": steps})
        assert replayed(path, actions).completed >= 1
    else:
        assert all(a.type in ("pageview", "blur") or a.signal for a in actions)
