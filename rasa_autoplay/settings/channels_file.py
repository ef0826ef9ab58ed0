"""The file that lists the channels: ``credentials.yml``, or ``integrations.yml`` of a Mantle project."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from rasa_autoplay.settings.assistant_kind import AssistantKind, assistant_kind
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["CHANNELS_KEY", "channels_path", "open_channels_file"]

#: The section of ``integrations.yml``.
CHANNELS_KEY = "channels"
_CREDENTIALS, _INTEGRATIONS = "credentials.yml", "integrations.yml"


def channels_path(folder: Path) -> Path:
    """Return the path of the file that lists a project's channels.

    Args:
        folder: the project's folder.
    """
    is_mantle = assistant_kind(folder) is AssistantKind.MANTLE
    return folder / (_INTEGRATIONS if is_mantle else _CREDENTIALS)


def open_channels_file(path: Path) -> YamlFile:
    """Open the file so that its top-level keys are the channels.

    Args:
        path: as of :func:`channels_path`, or another file in the form of ``credentials.yml``.

    Raises:
        ConfigError: the file is missing, unreadable, not YAML, or not a mapping.
    """
    return _IntegrationsFile(path) if path.name == _INTEGRATIONS else YamlFile(path)


class _IntegrationsFile(YamlFile):
    """The enabled channels of an ``integrations.yml``, without the key ``enabled``."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        channels = self._tree.get(CHANNELS_KEY)
        self._tree = channels if isinstance(channels, MutableMapping) else {}
        for name, options in list(self._tree.items()):
            if isinstance(options, MutableMapping) and options.pop("enabled", True) is False:
                del self._tree[name]
