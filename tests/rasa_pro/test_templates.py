"""The copilot is added to each project that ``rasa init --template`` can write, as the package ships it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import rasa.cli.project_templates as templates
from support.adopted import files_of

from rasa_autoplay.settings.assistant_kind import AssistantKind, assistant_kind
from rasa_autoplay.settings.channels_file import channels_path
from rasa_autoplay.tools.cli.main import main

FOLDER = Path(templates.__file__).parent
NAMES = sorted(each.name for each in FOLDER.iterdir() if each.is_dir() and each.name != "__pycache__")


@pytest.mark.parametrize("name", NAMES)
def test_init_suits_every_template(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "my-bot"
    shutil.copytree(FOLDER / name, project, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(project)
    before = files_of(project)
    assert assistant_kind(project) is (AssistantKind.MANTLE if name == "mantle" else AssistantKind.CALM)
    assert main(["init", "--yes"]) == 0
    after = files_of(project)
    assert {path for path in before if after[path] != before[path]} == {channels_path(project).name}
    capsys.readouterr()
    assert main(["validate"]) == 0, capsys.readouterr().out
    assert main(["init", "--yes", "--undo"]) == 0
    assert files_of(project) == before


def test_knows_the_templates() -> None:
    assert {"default", "tutorial"} <= set(NAMES)
