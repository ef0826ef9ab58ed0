"""``docs/courtesy.md``: its files load, and it lists exactly the existing gates."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.gate_contexts import gate_context

from rasa_autoplay.engine.courtesy.gates import check_all
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

PAGE = (Path(__file__).parents[4] / "docs" / "courtesy.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_documented_files_load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "autoplay.yml"
    path.write_text(text, encoding="utf-8")
    file = YamlFile(path)
    settings = file.read(EngineSettings)
    assert len(load_triggers(settings, [], file)) == len(settings.triggers)


def test_page_contains_two_files() -> None:
    assert len(blocks("yaml")) == 2


def test_documented_answer_is_json() -> None:
    (answer,) = blocks("json")
    assert json.loads(answer)["triggers"][0]["outcome"] == "stopped"


def test_table_lists_every_gate_in_order() -> None:
    table = PAGE.partition("## The gates")[2].partition("**What is charged")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [v.gate for v in check_all(gate_context())]
