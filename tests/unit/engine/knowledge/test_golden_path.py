"""Golden paths are the one source for the tour, the chat, and the labels that an answer may use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rasa_autoplay.engine.knowledge.golden_path import FLOW_PROVIDERS, GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.tour_step import TourStep
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.models import ValidationError

POINTING = {
    "id": "open",
    "title": "Open",
    "element": "#menu",
    "text": "Open the menu.",
    "tooltip": "This menu.",
}
TALKING = {"id": "think", "text": "Think of a name."}


def path(*steps: dict[str, Any], **fields: Any) -> GoldenPath:
    return GoldenPath.parse_obj(
        {"id": "p", "title": "Make a thing", "steps": list(steps or (POINTING, TALKING)), **fields}
    )


def test_chat_lists_every_step_and_the_tour_those_with_an_element() -> None:
    assert path().how_to() == "Make a thing:\n1. Open the menu.\n2. Think of a name."
    assert path().tour_steps() == [TourStep("open", "Open", "#menu", "This menu.")]


def test_tour_uses_the_chat_text_without_a_tooltip() -> None:
    (step,) = path({**POINTING, "tooltip": None}).tour_steps()
    assert step.text == "Open the menu."


@pytest.mark.parametrize("text", ["One.\n\nTwo.", "One.\n   \n\nTwo.\n", "\nOne.\r\n\r\nTwo."])
def test_how_to_is_one_message(text: str) -> None:
    how_to = path({"id": "a", "text": text}, title="Make\n\na thing").how_to()
    assert all(line.strip() for line in how_to.splitlines()), "a blank line would split it into several"
    assert "One." in how_to
    assert "Two." in how_to


@pytest.mark.parametrize(
    ("page", "url", "is_on"),
    [
        ("/projects", "https://app.example.com/projects", True),
        ("/projects", "https://app.example.com/projects/:id/edit", True),
        ("/projects", "https://app.example.com/PROJECTS", True),
        ("/Projects", "https://app.example.com/projects", True),
        ("/projects", "https://app.example.com/dashboard", False),
        ("/projects", "", False),
        ("", "https://app.example.com/anywhere", True),
        ("", "", False),
    ],
)
def test_determines_the_pages_of_a_path(page: str, url: str, is_on: bool) -> None:
    assert path(page=page).is_on(url) == is_on


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([{"id": "a", "text": ""}], "must not be empty"),
        ([{"id": "a"}], "required"),
        ([{"text": "a"}], "required"),
        ([{"id": "a", "element": "#a", "text": "a"}], "needs a title"),
        ([TALKING, POINTING, TALKING], "two steps have the id 'think'"),
        ([{"id": "a", "text": "a", "selector": "#a"}], "extra fields"),
    ],
)
def test_rejects_a_wrong_step(steps: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        path(*steps)


def test_rejects_a_path_without_steps() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        GoldenPath.parse_obj({"id": "p", "title": "T", "steps": []})


def write(folder: Path, name: str, **fields: Any) -> None:
    document = {"id": name.partition(".")[0], "title": "T", "steps": [TALKING], **fields}
    with (folder / name).open("w", encoding="utf-8") as file:
        YAML().dump({k: v for k, v in document.items() if v is not None}, file)


def test_reads_a_folder_in_order_of_file_names(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "c.yml"):
        write(tmp_path, name)
    (tmp_path / "notes.md").write_text("not a path", encoding="utf-8")
    assert [each.id for each in load_golden_paths(tmp_path)] == ["a", "b", "c"]


def test_accepts_an_empty_folder(tmp_path: Path) -> None:
    assert load_golden_paths(tmp_path) == []


def test_reports_a_missing_folder_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"golden_paths: the folder .*nowhere.* relative to"):
        load_golden_paths(tmp_path / "nowhere")


def test_rejects_two_files_with_one_id(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", id="same")
    write(tmp_path, "b.yml", id="same")
    with pytest.raises(ConfigError, match=r"b\.yml:1: id: 'same' is also the id of a\.yml"):
        load_golden_paths(tmp_path)


def test_error_names_file_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text(
        "id: p\ntitle: T\nsteps:\n  - {id: a, text: A}\n  - id: b\n    txet: B\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError) as refusal:
        load_golden_paths(tmp_path)
    lines = str(refusal.value).splitlines()
    assert "p.yml:5: steps.1.text: this key is required." in lines
    assert any(
        line.startswith("p.yml:6: steps.1.txet: unknown key; did you mean 'text'?") and "tooltip" in line
        for line in lines
    )


@pytest.mark.parametrize("provider", FLOW_PROVIDERS)
def test_accepts_every_tour_provider(provider: str) -> None:
    shown = path(provider=provider, flow_id=152560)
    assert (shown.provider, shown.flow_id) == (provider, "152560"), "YAML gives some ids as numbers"


def test_accepts_the_embedded_provider_by_name() -> None:
    assert path(provider="driverjs").flow_id is None


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        (
            "flow_id: f_1\nprovider: Usertours",
            r"p\.yml:3: provider: unknown provider 'Usertours'; did you mean 'usertour'\? Allowed: .*told\.",
        ),
        (
            "flow_id: f_1\nprovider: intercom",
            r"p\.yml:3: provider: unknown provider 'intercom'\. Allowed: driverjs",
        ),
        ("flow_id: null\nprovider: pendo", r"p\.yml:3: provider: pendo shows its own flows; .* as flow_id"),
        ("flow_id: f_1\nprovider: driverjs", r"p\.yml:3: provider: driverjs shows the path's own steps"),
    ],
)
def test_rejects_a_provider_that_cannot_show_the_path(tmp_path: Path, fields: str, complaint: str) -> None:
    (tmp_path / "p.yml").write_text(f"id: p\n{fields}\ntitle: P\nsteps: [{{id: a, text: A.}}]\n", "utf-8")
    with pytest.raises(ConfigError, match=complaint):
        load_golden_paths(tmp_path)


def test_rejects_durations_without_a_unit(tmp_path: Path) -> None:
    write(tmp_path, "p.yml", cooldown=30)
    with pytest.raises(ConfigError, match=r"p\.yml:\d+: cooldown: 30 has no unit"):
        load_golden_paths(tmp_path)
