"""One version of ``autoplay.yml`` with the files that it refers to."""

from __future__ import annotations

from dataclasses import dataclass

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.loader import ConfiguredTrigger, load_triggers
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["Configuration", "load_configuration"]


@dataclass(frozen=True)
class Configuration:
    """The settings, triggers, golden paths and tours that an engine uses.

    Args:
        name: the file's path.
        settings: the file's content.
        triggers: in order of priority.
        paths: the golden paths.
        tours: the tours that an offer can start.
    """

    name: str
    settings: EngineSettings
    triggers: list[ConfiguredTrigger]
    paths: list[GoldenPath]
    tours: TourCatalogue


def load_configuration(file: YamlFile) -> Configuration:
    """Read ``autoplay.yml``, the golden paths and the triggers.

    Raises:
        ConfigError: the file, or something that it refers to, is wrong.
    """
    settings = file.read(EngineSettings)
    folder = file.path.parent
    paths = load_golden_paths(folder / settings.golden_paths) if settings.golden_paths else []
    triggers = load_triggers(settings, [path.id for path in paths], file)
    return Configuration(str(file.path), settings, triggers, paths, TourCatalogue(paths))
