"""Fills in the names of a text, in each of its languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rasa_autoplay.common.languages.each_language import in_language, languages_in
from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.common.sentences.inserting import isolated

__all__ = ["filled", "names_in"]

_NAME = re.compile(r"\{(\w+)\}")


def names_in(text: str) -> list[str]:
    """List the names in braces."""
    return _NAME.findall(text)


def filled(text: str, values: Mapping[str, object]) -> str:
    """Replace the names in braces, in each language of the text; names without a value disappear.

    Args:
        text: a plain string gets the languages of the values that it names.
        values: texts, which may have several languages, and numbers.
    """
    used = [value for name in names_in(text) if isinstance(value := values.get(name), str)]
    languages = languages_in(text) or languages_in(*used)
    if not languages:
        return _filled(str(text), values, ())
    return Text({tag: _filled(in_language(text, (tag,)), values, (tag,)) for tag in languages})


def _filled(text: str, values: Mapping[str, object], languages: Sequence[str]) -> str:
    def value(match: re.Match[str]) -> str:
        found = values.get(match[1], "")
        return isolated(in_language(found, languages), text) if isinstance(found, str) else str(found)

    return _NAME.sub(value, text)
