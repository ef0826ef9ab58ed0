"""The results say what the users of each trigger are to reach, and in which time."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.results.results import TriggerGoal
from rasa_autoplay.engine.results.trigger_goals import goals_of
from rasa_autoplay.settings.yaml_file import YamlFile

CONFIG = """
product_id: demo
golden_paths: paths
triggers:
  - {id: by_path, body: "Help?", golden_path: export, when: {on_page: /a}}
  - {id: sooner, body: "Help?", golden_path: export, when: {on_page: /a}, goal: {within: 1d}}
  - id: by_condition
    body: "Help?"
    golden_path: export
    when: {on_page: /a}
    goal: {count: {title: apply to, at_least: 1}, within: 2h}
"""
PATH = """
id: export
title: Export a report
steps:
  - {id: menu, title: Menu, text: Open it., done_when: {element_id: menu}}
"""


def test_names_the_golden_path_or_the_goal(tmp_path: Path) -> None:
    (tmp_path / "paths").mkdir()
    (tmp_path / "paths" / "export.yml").write_text(PATH, "utf-8")
    (tmp_path / "autoplay.yml").write_text(CONFIG, "utf-8")
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    assert goals_of(configuration.triggers, configuration.paths) == {
        "by_path": TriggerGoal('finished "Export a report"', 7 * 86_400),
        "sooner": TriggerGoal('finished "Export a report"', 86_400),
        "by_condition": TriggerGoal("reached the goal", 7_200),
    }
