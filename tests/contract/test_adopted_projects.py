"""Rasa reads what init writes as intended, beside the project's existing content."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.importers.importer import TrainingDataImporter
from support.adopted import PROJECTS, make_project

from rasa_autoplay.tools.cli.main import main


def _importer(folder: Path) -> TrainingDataImporter:
    domain = "domain" if (folder / "domain").is_dir() else "domain.yml"
    config, data = str(folder / "config.yml"), [str(folder / "data")]
    return TrainingDataImporter.load_from_dict({}, config, str(folder / domain), data)


def _rules(importer: TrainingDataImporter) -> list[str]:
    return [step.block_name for step in importer.get_stories().story_steps]


@pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")
@pytest.mark.parametrize("name", PROJECTS)
def test_rasa_reads_the_existing_and_the_added_parts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_project(name, tmp_path / "bot")
    monkeypatch.chdir(folder)
    before = _importer(folder)
    was, rules, intents = before.get_domain(), _rules(before), set(before.get_nlu_data().intents)
    assert main(["init", "--yes", "--with-intent"]) == 0
    after = _importer(folder)
    domain: Domain = after.get_domain()
    assert set(domain.intents) - set(was.intents) == {"EXTERNAL_proactive"}
    assert set(domain.entities) - set(was.entities) == {"proactive_text"}
    assert {slot.name for slot in domain.slots} - {slot.name for slot in was.slots} == {"proactive_text"}
    assert set(domain.user_actions) - set(was.user_actions) == {"action_send_proactive"}
    assert domain.responses == was.responses
    assert domain.forms == was.forms
    assert sorted(_rules(after)) == sorted([*rules, "The copilot sends a proactive message"])
    assert set(after.get_nlu_data().intents) - intents == {"EXTERNAL_proactive"}
