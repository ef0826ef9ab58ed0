"""A text that users read, in one language or in several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_autoplay.common.languages.tags import lookup

__all__ = ["Text", "in_first_of", "texts_by_tag"]


def in_first_of(text: str, tags: Sequence[str]) -> str:
    """Return a text in the first of these languages in which it exists, as a plain string."""
    return text.in_first_of(tags) if isinstance(text, Text) else text


def texts_by_tag(text: str) -> tuple[tuple[str, str], ...]:
    """Return the tags with their texts; one empty tag for a text that fits every language."""
    return (isinstance(text, Text) and text.items()) or (("", str(text)),)


class Text(str):
    """An immutable text. As a string, it is the first text of the file.

    A text that was written as a plain string has no language: it fits every one.

    msgspec encodes no subclass of ``str``. So a text that nobody has chosen a language for cannot leave the
    process by mistake; :meth:`in_language` returns a plain string.

    Args:
        texts: a plain string, or texts by their canonical language tags (``canonical_tag``), in the file's
            order.

    Raises:
        ValueError: the mapping is empty.
    """

    __slots__ = ("_texts",)

    _texts: dict[str, str] | None

    def __new__(cls, texts: str | Mapping[str, str]) -> Text:
        """Make a text."""
        if isinstance(texts, Text):
            return texts
        if isinstance(texts, str):
            self = super().__new__(cls, texts)
            self._texts = None
            return self
        if not texts:
            raise ValueError("a text needs at least one language")
        self = super().__new__(cls, next(iter(texts.values())))
        self._texts = {tag: str(text) for tag, text in texts.items()}
        return self

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages' tags, in the file's order; empty for a plain string, which fits every language."""
        return tuple(self._texts or ())

    def in_language(self, preferences: Sequence[str]) -> str:
        """Return the text for a user.

        Args:
            preferences: the user's languages, best first, as canonical tags.

        Returns:
            A plain string: the text in the best language (``lookup``); the file's first text if none fits.
        """
        if self._texts is None:
            return str(self)
        tag = self.language_for(preferences)
        return str(self) if tag is None else self._texts[tag]

    def in_first_of(self, tags: Sequence[str]) -> str:
        """Return the text in the first of these languages in which it exists; else the file's first text."""
        texts = self._texts or {}
        return next((texts[tag] for tag in tags if tag in texts), str(self))

    def language_for(self, preferences: Sequence[str]) -> str | None:
        """Return the tag of the language that :meth:`in_language` chooses; None for a plain string."""
        if self._texts is None:
            return None
        return lookup(tuple(self._texts), preferences) or next(iter(self._texts))

    def all(self) -> tuple[str, ...]:
        """Return the text in every language, without repetitions, the first one first."""
        return (str(self),) if self._texts is None else tuple(dict.fromkeys(self._texts.values()))

    def items(self) -> tuple[tuple[str, str], ...]:
        """Return the tags with their texts, in the file's order; empty for a plain string."""
        return tuple((self._texts or {}).items())

    def with_language(self, tag: str, text: str, *, own_tag: str) -> Text:
        """Return this text with one more language.

        Args:
            tag: the canonical tag of the additional language; a text that exists in it is replaced.
            text: the text in it.
            own_tag: the language of this text if it is a plain string.
        """
        own = {own_tag: str(self)} if self._texts is None else self._texts
        return Text({**own, tag: text})

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to copy the text with all its languages."""
        return (Text, (str(self) if self._texts is None else dict(self._texts),))
