"""Checks the text of a toast in each of its languages."""

from __future__ import annotations

from collections.abc import Collection

from rasa_autoplay.common.languages.text import texts_by_tag
from rasa_autoplay.common.sentences.same_names import different_names
from rasa_autoplay.engine.triggers.configured.references import Place, check_placeholders
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["check_body"]


def check_body(body: str, known: Collection[str], file: YamlFile, place: Place) -> None:
    """Check that the trigger fills in each name in braces, and that all languages have the same names.

    Args:
        body: the text in one or several languages.
        known: the names that the trigger fills in.
        file: finds the line of an invalid entry.
        place: where the text is in the file.

    Raises:
        ConfigError: it does not know a name, or a language lacks one.
    """
    for tag, text in texts_by_tag(body):
        check_placeholders(text, known, file, (*place, tag) if tag else place)
    if found := different_names(body):
        tag, message = found
        raise file.error((*place, tag), message)
