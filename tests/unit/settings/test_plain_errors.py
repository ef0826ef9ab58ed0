"""Errors about values say in plain words what must be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

CASES = {
    "holdout: 5%": "holdout: must be a section, with keys such as salt, share.",
    "courtesy: 3": "courtesy: must be a section, with keys such as",
    "courtesy: [3]": "courtesy: must be a section, with keys such as",
    "triggers: page_dwell": "triggers: must be a list.",
    "triggers: [page_dwell]": "triggers.0: must be a section, with keys such as body,",
    "courtesy: {per_user_per_day: 0}": "courtesy.per_user_per_day: must be at least 1.",
    "courtesy: {per_user_per_day: many}": "courtesy.per_user_per_day: must be a whole number.",
    "courtesy: {min_interval: null}": "courtesy.min_interval: must have a value. To use the default,",
    "session: {window: {max_actions: 20000}}": "session.window.max_actions: must be at most 10000.",
    "llm: {model: gpt, temperature: warm}": "llm.temperature: must be a number.",
    "llm: {model: gpt, judge: perhaps}": "llm.judge: must be true or false.",
    "llm: {model: [gpt]}": "llm.model: must be a text.",
    "version: '2'": "version: must be '1'.",
}


@pytest.mark.parametrize("line", CASES)
def test_says_what_must_be_written(tmp_path: Path, line: str) -> None:
    file = tmp_path / "autoplay.yml"
    file.write_text(f"product_id: demo\n{line}\n")
    with pytest.raises(ConfigError) as raised:
        YamlFile(file).read(EngineSettings)
    assert str(raised.value).startswith(f"autoplay.yml:2: {CASES[line]}")
    assert "\n" not in str(raised.value)


def test_an_empty_text_is_named_empty(tmp_path: Path) -> None:
    file = tmp_path / "autoplay.yml"
    file.write_text('product_id: ""\n')
    with pytest.raises(ConfigError, match=r"autoplay.yml:1: product_id: must not be empty\."):
        YamlFile(file).read(EngineSettings)
