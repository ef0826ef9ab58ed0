"""Reads a file as far as it can be read, for a check that leaves its errors to another check."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channels_file import open_channels_file
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["content_of", "readable_channels_file"]


def readable_channels_file(path: Path) -> YamlFile | None:
    """Open ``credentials.yml``; None if it cannot be read."""
    try:
        return open_channels_file(path)
    except ConfigError:
        return None


def content_of(file: YamlFile | None) -> Mapping[str, Any]:
    """Return a file's settings; none if it is missing, or if a variable is not set."""
    try:
        return file.data() if file is not None else {}
    except ConfigError:
        return {}
