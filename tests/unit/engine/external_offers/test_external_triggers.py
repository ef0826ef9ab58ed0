"""A trigger with ``external: true``: it has no condition, and the engine never asks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile


def loaded(folder: Path, trigger: str) -> Configuration:
    (folder / "autoplay.yml").write_text(f"product_id: demo\ntriggers:\n  - {trigger}\n", "utf-8")
    return load_configuration(YamlFile(folder / "autoplay.yml"))


def test_needs_only_an_id(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, "{id: mine, external: true}")
    assert [(each.id, each.is_external) for each in configuration.triggers] == [("mine", True)]
    assert configuration.evaluated_triggers == []


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ("{external: true}", 'needs an "id:"'),
        ("{id: mine, external: false}", "external: true"),
        ("{id: mine, external: true, when: {on_page: /}}", "not when and external"),
        ("{id: mine, external: true, pages: 3}", "an external trigger has no parameter 'pages'"),
        ("{id: mine, external: true, golden_path: missing}", "there is no golden path 'missing'"),
    ],
)
def test_rejects_a_wrong_declaration(tmp_path: Path, trigger: str, words: str) -> None:
    with pytest.raises(ConfigError) as problem:
        loaded(tmp_path, trigger)
    assert words in str(problem.value)
    assert "autoplay.yml:3" in str(problem.value)
