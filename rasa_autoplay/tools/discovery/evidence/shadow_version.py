"""A version of the team's files with one proposed trigger and nothing else that could fire.

Settings, courtesy and golden paths are the team's. So a back-test asks what this trigger would do in their
app, and no other trigger takes its moments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.rule_editor.trigger_text import replace_trigger
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["ShadowVersion", "read_path", "shadow_version"]


@dataclass(frozen=True)
class ShadowVersion:
    """One proposed trigger in the team's files.

    Args:
        configuration: the files with this trigger only.
        trigger: the trigger.
    """

    configuration: Configuration
    trigger: ConfiguredTrigger


def read_path(text: str) -> GoldenPath:
    """Read the text of a golden path's file, as the engine does.

    Raises:
        ConfigError: it is no valid path; one line for each error.
    """
    return YamlFile(Path("path.yml"), text.encode()).read(GoldenPath)


def shadow_version(base: Configuration, trigger: str, path: GoldenPath | None) -> ShadowVersion:
    """Load a proposed trigger, exactly as the engine would.

    Args:
        base: the team's files.
        trigger: the text of ``trigger.yml``.
        path: the proposed golden path; None if there is none.

    Raises:
        ConfigError: the trigger is not valid; one line for each error.
    """
    file = YamlFile(Path("trigger.yml"), replace_trigger("triggers:\n", [], 0, trigger).encode())
    entry = file.read_as(TriggerSettings, file.data()["triggers"][0], ("triggers", 0))
    settings = base.settings.copy(update={"triggers": [entry]})
    paths = [each for each in base.paths if path is None or each.id != path.id]
    paths += [path] if path else []
    triggers = load_triggers(settings, [each.id for each in paths], file)
    configuration = replace(
        base, settings=settings, triggers=triggers, paths=paths, tours=TourCatalogue(paths)
    )
    return ShadowVersion(configuration, triggers[0])
