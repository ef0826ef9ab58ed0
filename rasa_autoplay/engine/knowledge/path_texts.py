"""The texts of a golden path that users read, in all languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["content_of", "texts_of"]

#: The keys that lead to a text.
_Place = tuple["str | int", ...]


def texts_of(path: GoldenPath) -> Iterator[tuple[_Place, str]]:
    """Yield each text with its place in the file: plain strings, and ``Text`` in several languages."""
    own = path.source
    for name in ("title", "description", "tour_label"):
        yield (name,), getattr(own, name)
    for number, step in enumerate(own.steps):
        for name in ("title", "label", "text", "tooltip"):
            yield ("steps", number, name), getattr(step, name) or ""
        for other, way in enumerate(step.any or ()):
            yield ("steps", number, "any", other, "label"), way.label or ""


def content_of(path: GoldenPath) -> dict[str, Any]:
    """Return everything that a path says, in all languages; equal for two paths that say the same."""
    texts = {
        ".".join(map(str, place)): list(text.items())
        for place, text in texts_of(path)
        if isinstance(text, Text)
    }
    # The text of the bot's language is among the texts, so that the language alone is no change of the path.
    return {**path.source.dict(), "languages": texts} if texts else path.dict()
