"""The bot's language, for code that reads only a part of ``autoplay.yml``."""

from __future__ import annotations

from rasa_autoplay.common.languages.tags import DEFAULT_LANGUAGE, canonical_tag
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["bot_language"]


def bot_language(file: YamlFile) -> str:
    """Return ``language`` of ``autoplay.yml``; the default if it is missing or wrong."""
    named = file.raw().get("language")
    return (canonical_tag(named) if isinstance(named, str) else None) or DEFAULT_LANGUAGE
