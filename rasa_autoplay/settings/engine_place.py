"""Where ``credentials.yml`` says that the engine runs."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["runs_in_rasa_server"]


def runs_in_rasa_server(credentials: Path) -> bool:
    """Return whether ``engine: in_process`` is set.

    Args:
        credentials: the file; it may be missing, because the action server can be on another machine.
    """
    try:
        return bool(YamlFile(credentials).value_at([SECTION, "engine"]) == "in_process")
    except ConfigError:
        return False
