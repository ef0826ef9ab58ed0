"""Loads a new version of ``autoplay.yml`` beside the one in force, in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rasa_autoplay.engine.batch_hook import BatchHook, load_hook
from rasa_autoplay.engine.changes.restart_only import reject_restart_only
from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.engine_version import EngineVersion
from rasa_autoplay.engine.memory.path_follower import PathFollower
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["LoadedVersion", "load_version"]


@dataclass(frozen=True)
class LoadedVersion:
    """What can be built without the event loop.

    Args:
        configuration: the files.
        follower: follows sessions along the golden paths.
        hook: called with every batch; None if not configured.
    """

    configuration: Configuration
    follower: PathFollower
    hook: BatchHook | None

    @property
    def fingerprint(self) -> str:
        """Identifies the version."""
        return self.configuration.fingerprint


def load_version(path: Path, former: EngineVersion, runs_in: str) -> LoadedVersion:
    """Load the files, and reuse what has not changed.

    Args:
        path: ``autoplay.yml``.
        former: the version in force.
        runs_in: the server that the engine runs in.

    Raises:
        ConfigError: the files are wrong, or a setting has changed that is read only at the start.
    """
    file = YamlFile(path)
    configuration, before = load_configuration(file), former.configuration
    settings, old = configuration.settings, before.settings
    reject_restart_only(file, old, settings, runs_in)
    has_same_paths = configuration.version.paths == before.version.paths
    follower = former.follower if has_same_paths else PathFollower(configuration.paths)
    has_same_hook = (settings.on_actions, settings.on_actions_timeout) == (
        old.on_actions,
        old.on_actions_timeout,
    )
    return LoadedVersion(configuration, follower, former.hook if has_same_hook else load_hook(settings, file))
