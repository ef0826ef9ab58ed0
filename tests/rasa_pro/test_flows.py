"""Rasa Pro reads the flows of docs/rasa-pro.md, and its validator finds nothing in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.flows import FlowsList
from rasa.shared.core.flows.yaml_flows_io import YAMLFlowsReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.validator import Validator
from ruamel.yaml import YAML
from support.documentation import blocks
from support.pro_projects import CALM

pytestmark = pytest.mark.filterwarnings("ignore:pkg_resources is deprecated:UserWarning")

BLOCKS = [block.text for block in blocks("yaml") if block.page.name == "rasa-pro.md"]
FLOWS = [text for text in BLOCKS if text.startswith("flows:")]
(ACTIONS,) = (text for text in BLOCKS if text.startswith("actions:"))


def read(folder: Path, *texts: str) -> FlowsList:
    """Read files of flows, with line numbers as ``rasa train`` does."""
    flows = []
    for number, text in enumerate(texts):
        file = folder / f"flows-{number}.yml"
        file.write_text(text, encoding="utf-8")
        flows += YAMLFlowsReader.read_from_file(str(file)).underlying_flows
    return FlowsList(underlying_flows=flows)


def is_valid(flows: FlowsList, *domains: str) -> bool:
    domain = Domain.empty()
    for text in domains:
        domain = domain.merge(Domain.from_yaml(text))
    config = YAML(typ="safe").load(CALM["config.yml"])
    validator = Validator(domain, TrainingData(), StoryGraph([]), flows, config)
    return bool(validator.verify_flows())


def test_documented_flows_run_actions_of_the_documented_domain(tmp_path: Path) -> None:
    flows = read(tmp_path, *FLOWS)
    assert {"explain_the_app", "accept_offered_help", "pattern_cannot_handle"} == {each.id for each in flows}
    assert is_valid(flows, ACTIONS)


def test_documented_flows_stand_beside_those_of_a_project(tmp_path: Path) -> None:
    flows = read(tmp_path, *FLOWS, CALM["data/flows/orders.yml"])
    assert is_valid(flows, ACTIONS, CALM["domain/orders.yml"])


def test_the_validator_finds_a_missing_action(tmp_path: Path) -> None:
    assert not is_valid(read(tmp_path, *FLOWS))
