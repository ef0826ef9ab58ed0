"""The doctor and ``validate`` understand an engine in the Rasa server, and one that runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.adopted import make_project

from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.doctor.check_list import CHECKS
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.live import SERVER_CHECKS
from rasa_autoplay.tools.doctor.production import PRODUCTION_CHECKS
from rasa_autoplay.tools.doctor.project import Project, read_project

OF_THE_PLACE = ("actions import", "action endpoint", "link secret", "files", "engine's link")
SHARED = '  shared:\n    redis: "redis://:p@127.0.0.1:9/0"\n'
Configure = Callable[..., Project]


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Add lines to the channel's section, change the endpoints, and read the project."""
    folder = make_project("stock", tmp_path / "bot")
    (folder / "credentials.yml").write_text("")  # without the channels that the doctor advises to remove
    monkeypatch.chdir(folder)
    assert main(["init", "--yes"]) == 0
    path = folder / "golden_paths" / "repeated-saves.yml"
    path.write_text(path.read_text().replace("# element:", "element:").replace("# page:", "page:"))

    def configured(channel: str, endpoints: str = "", environment: dict[str, str] | None = None) -> Project:
        file = folder / "credentials.yml"
        text = file.read_text("utf-8")
        assert "  capture: true" in text
        file.write_text(text.replace("  capture: true", f"{channel}  capture: true", 1), "utf-8")
        (folder / "endpoints.yml").write_text(endpoints, "utf-8")
        return read_project(folder, python=(3, 10), packages={}, environment=environment or {})

    return configured


def problems(project: Project) -> dict[str, list[str]]:
    checks = [check for check in (*CHECKS, *PRODUCTION_CHECKS) if check.name in OF_THE_PLACE]
    assert len(checks) == len(OF_THE_PLACE)
    return {check.name: found for check in checks if (found := [each.found for each in check.run(project)])}


def without_the_import(project: Project) -> None:
    for module in (project.folder / "actions").glob("*.py"):
        module.write_text("", encoding="utf-8")


def test_an_engine_in_the_rasa_server_needs_no_link_and_no_action_server(configure: Configure) -> None:
    project = configure("  engine: in_process\n")
    without_the_import(project)
    assert problems(project) == {}


def test_an_engine_by_itself_needs_a_secret_but_no_action_server(configure: Configure) -> None:
    project = configure("  link:\n    url: http://engine:5056\n")
    without_the_import(project)
    found = problems(project)
    assert set(found) == {"link secret", "engine's link"}
    assert "another machine (engine)" in found["link secret"][0]
    assert "user activity goes to engine unencrypted" in found["engine's link"][0]


def test_a_second_engine_in_the_action_server_is_found(configure: Configure) -> None:
    endpoint = 'action_endpoint: {url: "http://localhost:5055/webhook"}\n'
    project = configure("  link:\n    url: http://localhost:5056\n", endpoint)
    assert "starts a second one" in problems(project)["actions import"][0]


@pytest.mark.parametrize("place", ["  engine: in_process\n", "  link:\n    url: http://localhost:5056\n"])
def test_no_action_server_is_asked_for(configure: Configure, place: str) -> None:
    endpoint = 'action_endpoint: {url: "http://localhost:5055/webhook"}\n'
    project = configure(place, endpoint)
    health: dict[str, Any] = {"link": {"state": "connected"}, "engine": {"state": "running"}}
    running = Running(project, "", health, {}, 0.0, reaches_actions=False)
    assert not [each for check in SERVER_CHECKS for each in check.run(running)]


@pytest.mark.parametrize(
    ("channel", "status", "text"),
    [
        ("  engine: in_process\n", 0, "\n1 warning."),  # of identity: none
        (f"  engine: in_process\n{SHARED}", 1, "autoplay.yml: with"),
        (
            "  engine: in_process\n  link:\n    url: http://localhost:5056\n",
            1,
            "no use with engine: in_process",
        ),
        ("  engine: in_proces\n", 1, "engine"),
        (f"  link:\n    url: http://localhost:5056\n{SHARED}", 1, "no use beside shared"),
    ],
)
def test_validate_checks_the_place(
    configure: Configure, capsys: pytest.CaptureFixture[str], channel: str, status: int, text: str
) -> None:
    configure(channel)
    capsys.readouterr()
    assert main(["validate"]) == status
    assert text in capsys.readouterr().out
