"""One version of ``autoplay.yml`` with the files that it refers to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.path_texts import content_of
from rasa_autoplay.engine.sessions.files_version import FilesVersion
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.settings.bot_language import bot_language
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.fingerprints import fingerprint_of, without_passwords
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["Configuration", "load_configuration", "read_fingerprint", "version_of"]

_WITH_PASSWORDS = ("database", "outcomes", "shared")


@dataclass(frozen=True)
class Configuration:
    """The settings, triggers, golden paths and tours that an engine uses.

    Args:
        name: the file's path.
        settings: the file's content.
        triggers: in order of priority.
        paths: the golden paths.
        tours: the tours that an offer can start.
        version: identifies this version of the files.
        text: ``autoplay.yml`` as it was read.
    """

    name: str
    settings: EngineSettings
    triggers: list[ConfiguredTrigger]
    paths: list[GoldenPath]
    tours: TourCatalogue
    version: FilesVersion = field(default_factory=FilesVersion)
    text: str = field(default="", repr=False)

    def __reduce__(self) -> tuple[Callable[[str], Configuration], tuple[str]]:
        """Let another process that gets it read the file again, because patterns cannot be sent."""
        return _load_again, (self.name,)

    def is_same_as(self, other: Configuration) -> bool:
        """Whether the engine would do the same with another version."""
        return self.version == other.version and self.settings == other.settings

    def changed_paths(self, other: Configuration) -> set[str]:
        """Return the ids of the golden paths that differ in another version, or exist only in one of them."""
        own, theirs = ({path.id: content_of(path) for path in each.paths} for each in (self, other))
        return {path_id for path_id in {*own, *theirs} if own.get(path_id) != theirs.get(path_id)}

    @property
    def fingerprint(self) -> str:
        """Identifies this version for people."""
        return fingerprint_of([self.version.settings, self.version.paths])

    @property
    def evaluated_triggers(self) -> list[ConfiguredTrigger]:
        """The triggers that the engine asks: those that are neither off nor external."""
        return [each for each in self.triggers if not (each.rollout.is_off or each.is_external)]


def load_configuration(file: YamlFile) -> Configuration:
    """Read ``autoplay.yml``, the golden paths and the triggers.

    Raises:
        ConfigError: the file, or something that it refers to, is wrong.
    """
    settings = file.read(EngineSettings)
    folder = file.path.parent
    paths = _paths(folder, settings.golden_paths, settings.language)
    triggers = load_triggers(settings, [path.id for path in paths], file)
    return Configuration(
        str(file.path),
        settings,
        triggers,
        paths,
        TourCatalogue(paths),
        version_of(file, paths),
        file.content.decode("utf-8"),
    )


def _load_again(name: str) -> Configuration:
    return load_configuration(YamlFile(Path(name)))


def read_fingerprint(file: YamlFile) -> str:
    """Return the fingerprint that an engine has if it has loaded these files.

    Raises:
        ConfigError: the golden paths are wrong.
    """
    version = version_of(file, _paths(file.path.parent, file.raw().get("golden_paths"), bot_language(file)))
    return fingerprint_of([version.settings, version.paths])


def _paths(folder: Path, named: object, language: str) -> list[GoldenPath]:
    return load_golden_paths(folder / str(named), language) if named else []


def version_of(file: YamlFile, paths: Sequence[GoldenPath]) -> FilesVersion:
    """Identify a version of the files by their content, without comments and variables.

    The sections with passwords are left out: a change of them needs a restart, and names itself.

    Args:
        file: ``autoplay.yml``.
        paths: its golden paths.
    """
    settings = {key: value for key, value in file.raw().items() if key not in _WITH_PASSWORDS}
    step_ids = {path.id: tuple(step.id for step in path.steps) for path in paths}
    of_paths = fingerprint_of([content_of(path) for path in paths])
    return FilesVersion(fingerprint_of(without_passwords(settings)), of_paths, step_ids)
