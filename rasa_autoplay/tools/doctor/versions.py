"""Checks whether the running servers use the files as they are on this machine."""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.common.checks import Observation, Problem, error, not_seen, seen, warning
from rasa_autoplay.engine.core.configuration import read_fingerprint
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.channels_file import channels_path, open_channels_file
from rasa_autoplay.settings.credentials_fingerprint import fingerprints_of_channel
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["loaded_files", "saw_loaded_files"]


def loaded_files(running: Running) -> Iterator[Problem]:
    """Compare what the servers have loaded with the files."""
    yield from _credentials(running)
    yield from _refused_versions(running)
    yield from _engine_files(running)


def saw_loaded_files(running: Running) -> Iterator[Observation]:
    """The servers have said which files they have loaded, and both could be compared with the files here."""
    path = channels_path(running.project.folder)
    if (running.health.get("configuration") or {}).get("file") == path.name:
        yield seen(f"the Rasa server uses {path.name} as it is here")
    else:
        yield not_seen(
            f"the Rasa server does not say which {path.name} it has loaded", "compare its version by hand"
        )
    loaded = [(engine.get("configuration") or {}).get("fingerprint") for engine in running.engines.values()]
    if loaded and all(loaded) and _fingerprint_here(running.project):
        yield seen("the engine uses autoplay.yml and its golden paths as they are here")
    else:
        yield not_seen(
            "the version of autoplay.yml here could not be compared with the engine's",
            "run this in the folder of autoplay.yml, when the engine runs",
        )


def _credentials(running: Running) -> Iterator[Problem]:
    loaded = running.health.get("configuration") or {}
    path = channels_path(running.project.folder)
    if loaded.get("file") != path.name:
        return
    try:
        section = open_channels_file(path).raw().get(SECTION) or {}
    except ConfigError:
        return  # the check "files" reports it
    key = running.project.expanded(str((section.get("link") or {}).get("secret") or ""))
    here = fingerprints_of_channel(section, key)
    if any(loaded.get(name, value) != value for name, value in here.items()):
        yield error(f"{path.name} has changed", f"restart `rasa run`, which reads {path.name} when it starts")


def _refused_versions(running: Running) -> Iterator[Problem]:
    together = (running.health.get("engine") or {}).get("configuration") or {}
    if len(running.engines) > 1 and together.get("problem"):
        yield error(str(together["problem"]), "deploy the same files to all engines")
    for name, engine in running.engines.items():
        problem = (engine.get("configuration") or {}).get("problem")
        if not problem:
            continue
        needs_restart = "restart " in str(problem)
        yield error(
            f"{f'{name}: ' if name else ''}{str(problem).rstrip('.')}",
            "restart it, or undo the change: until then, no change takes effect"
            if needs_restart
            else "mend the file; until then, the version before it stays in force",
        )


def _engine_files(running: Running) -> Iterator[Problem]:
    here = _fingerprint_here(running.project)
    for name, engine in running.engines.items():
        loaded = engine.get("configuration") or {}
        if here and loaded.get("fingerprint") and not loaded.get("problem") and loaded["fingerprint"] != here:
            yield warning(
                f"{name or 'the engine'} uses another version of autoplay.yml ({loaded['fingerprint']}) than "
                f"the one here ({here})",
                "deploy this version to it; if it runs in this folder, wait two seconds and try again",
            )


def _fingerprint_here(project: Project) -> str:
    """The fingerprint of the files on this machine; empty if they cannot be read."""
    path = project.folder / project.environment.get("AUTOPLAY_CONFIG", "autoplay.yml")
    try:
        return read_fingerprint(YamlFile(path))
    except ConfigError:
        return ""  # the check "files" reports it
