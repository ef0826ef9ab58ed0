"""Finds the names of a workflow and its steps in all languages, for the names in braces of a text."""

from __future__ import annotations

from collections.abc import Mapping

from rasa_autoplay.common.languages.each_language import in_each_language
from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.triggers.next_step import short_name

__all__ = ["in_all_languages"]


def in_all_languages(values: Mapping[str, object], path: GoldenPath | None) -> Mapping[str, object]:
    """Return the values of a trigger's result, with names in all languages that the golden path has.

    What triggers know about workflows is in the bot's language.

    Args:
        values: by the names in braces.
        path: the golden path that they are about; None if there is none.
    """
    if path is None:
        return values
    known: dict[object, str] = {}
    written = path.source
    names = [(path.title, written.title)]
    names += [(path.name_of(place), written.name_of(place)) for place in range(len(path.steps))]
    for name, text in names:
        if isinstance(text, Text) and text.languages:
            known[name] = text
            known[short_name(name)] = in_each_language(text, short_name)
    return {name: known.get(value, value) for name, value in values.items()} if known else values
