"""The doctor compares what the servers have loaded with the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.credentials_fingerprint import fingerprints_of_channel
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.project import read_project
from rasa_autoplay.tools.doctor.versions import loaded_files

KEY = "k" * 40
CREDENTIALS = f"{SECTION}:\n  product_id: demo\n  jwt_key: {'j' * 40}\n  link: {{secret: '${{LINK_KEY}}'}}\n"
ENGINE = "product_id: demo\ngolden_paths: paths\ntriggers: []\n"
PATH = "id: bulk\ntitle: Bulk\nsteps:\n  - {id: one, text: Press it.}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "credentials.yml").write_text(CREDENTIALS)
    (tmp_path / "autoplay.yml").write_text(ENGINE)
    (tmp_path / "paths").mkdir()
    (tmp_path / "paths" / "bulk.yml").write_text(PATH)
    return tmp_path


def health_of(folder: Path) -> dict[str, Any]:
    """Return what health says after a start with these files."""
    section = YamlFile(folder / "credentials.yml").raw()[SECTION]
    engine = load_configuration(YamlFile(folder / "autoplay.yml"))
    return {
        "configuration": {"file": "credentials.yml", **fingerprints_of_channel(section, KEY)},
        "engine": {"state": "running", "configuration": {"fingerprint": engine.fingerprint}},
    }


def found(folder: Path, health: dict[str, Any], **environment: str) -> list[str]:
    given = {"LINK_KEY": KEY, **environment}
    project = read_project(folder, python=(3, 10), packages={}, environment=given)
    running = Running(project, "", health, {}, 0.0, reaches_actions=True)
    return [f"{each.severity}: {each.found}. {each.remedy}" for each in loaded_files(running)]


def test_finds_nothing_if_the_servers_use_these_files(folder: Path) -> None:
    assert found(folder, health_of(folder)) == []


@pytest.mark.parametrize(
    "change",
    [("product_id: demo", "product_id: other"), ("j" * 40, "i" * 40), ("}\n", "}\n  capture: true\n")],
)
def test_credentials_have_changed(folder: Path, change: tuple[str, str]) -> None:
    health = health_of(folder)
    (folder / "credentials.yml").write_text(CREDENTIALS.replace(*change))
    (problem,) = found(folder, health)
    assert problem.startswith("error: credentials.yml has changed. restart `rasa run`")


def test_secrets_are_not_compared_without_the_key(folder: Path) -> None:
    health = health_of(folder)
    (folder / "credentials.yml").write_text(CREDENTIALS.replace("j" * 40, "i" * 40))
    assert found(folder, health, LINK_KEY="") == []


def test_another_file_of_channels_is_not_compared(folder: Path) -> None:
    health = health_of(folder)
    health["configuration"].update(file="other.yml", fingerprint="x")
    assert found(folder, health) == []


@pytest.mark.parametrize("name", ["autoplay.yml", "paths/bulk.yml"])
def test_the_engine_has_other_files(folder: Path, name: str) -> None:
    health = health_of(folder)
    file = folder / name
    file.write_text(file.read_text().replace("triggers: []", "poll_interval: 3s").replace("Bulk", "New"))
    (problem,) = found(folder, health)
    assert problem.startswith("warning: the engine uses another version of autoplay.yml")


def test_comments_and_order_do_not_count(folder: Path) -> None:
    health = health_of(folder)
    (folder / "autoplay.yml").write_text("# changed\ntriggers: []\ngolden_paths: paths\nproduct_id: demo\n")
    assert found(folder, health) == []


def test_a_refused_version_is_named(folder: Path) -> None:
    health = health_of(folder)
    health["engine"]["configuration"]["problem"] = "autoplay.yml:3: triggers: wrong."
    assert found(folder, health) == [
        "error: autoplay.yml:3: triggers: wrong. mend the file; "
        "until then, the version before it stays in force"
    ]


def test_a_refused_restart_setting_asks_for_the_restart(folder: Path) -> None:
    health = health_of(folder)
    health["engine"]["configuration"]["problem"] = (
        "autoplay.yml:3: restart the action server: database.url has changed."
    )
    (problem,) = found(folder, health)
    assert "restart it, or undo the change" in problem


def test_engines_differ(folder: Path) -> None:
    health = health_of(folder)
    one = health["engine"]["configuration"]
    engines = {"e1": {"configuration": one}, "e2": {"configuration": {"fingerprint": "other"}}}
    health["engine"] = {
        "state": "running",
        "engines": engines,
        "configuration": {"problem": "the engines use different versions of autoplay.yml: …"},
    }
    assert [line.split(":")[0] for line in found(folder, health)] == ["error", "warning"]
