"""Refuses changes of settings that are read only when a server starts."""

from __future__ import annotations

from functools import reduce

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["SERVERS", "reject_restart_only"]

#: What to restart, by the server that the engine runs in.
SERVERS = {
    "action_server": "the action server",
    "rasa_server": "`rasa run`",
    "own_process": "`rasa-autoplay serve`",
}

_RESTART_ONLY = (
    ("product_id",),
    ("shared",),
    ("database", "url"),
    ("recording",),
    ("outcomes",),
    ("session", "window"),
    ("tracing",),
    ("session", "idle_timeout"),
    ("session", "max_sessions"),
)


def reject_restart_only(file: YamlFile, old: EngineSettings, new: EngineSettings, runs_in: str) -> None:
    """Check that a new version of ``autoplay.yml`` can replace the old one while the engine runs.

    Args:
        file: the new version.
        old: the settings in force.
        new: the content of the new version.
        runs_in: a key of ``SERVERS``.

    Raises:
        ConfigError: a setting has changed that is read only at the start; one line for each.
    """
    lines = [
        f"{file.path.name}:{file.line_of(place)}: restart {SERVERS[runs_in]}: {'.'.join(place)} has changed."
        for place in _RESTART_ONLY
        if reduce(getattr, place, old) != reduce(getattr, place, new)
    ]
    if lines:
        raise ConfigError("\n".join(lines))
