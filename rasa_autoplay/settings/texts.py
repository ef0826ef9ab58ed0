"""Texts in settings: a string, or one string for each language: ``{en: Save, de: Speichern}``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rasa_autoplay.common.languages.tags import MAX_TAG_LENGTH
from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.language_keys import LanguageMistake, read_language

__all__ = ["FilledText", "TextMistake", "UserText", "read_filled_text", "read_text"]

_FORM = "write a text, or one for each language, such as {en: Save, de: Speichern}"


class TextMistake(AutoplayError, ValueError):
    """A value that is no text.

    Args:
        message: what is wrong, and what to do.
        key: the language whose text is wrong; empty if it is the whole value.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


def read_text(value: object) -> str:
    """Read a text that users read.

    Args:
        value: a string, or a mapping from languages to strings.

    Returns:
        A plain string if there is one text for every language; otherwise a ``Text``.

    Raises:
        TextMistake: it is neither, or a language is unknown, or has no text.
    """
    if isinstance(value, Text) or type(value) is str:
        return value
    if isinstance(value, Mapping):
        return _in_languages(value)
    if isinstance(value, (list, tuple)) or value is None:
        raise TextMistake(f"this is no text; {_FORM}")
    # What YAML reads as something that nobody wrote is found by ``misread_texts``.
    return str(value)


def read_filled_text(value: object) -> str:
    """Read a text that must not be empty; otherwise like :func:`read_text`."""
    text = read_text(value)
    if not text:
        raise TextMistake("must not be empty.")
    return text


def _string(value: object, key: str) -> str:
    if isinstance(value, str) or type(value) is int:
        return str(value)
    raise TextMistake("the text of a language must be a text; write quotes if YAML reads it otherwise", key)


def _in_languages(value: Mapping[Any, object]) -> Text:
    if not value:
        raise TextMistake(f"there is no text here; {_FORM}")
    texts: dict[str, str] = {}
    for key, each in value.items():
        try:
            tag = read_language(key)
        except LanguageMistake as mistake:
            raise TextMistake(str(mistake), str(key)) from None
        if tag in texts:
            raise TextMistake(f"the language {tag!r} is here twice; keep one of them", str(key))
        texts[tag] = _string(each, str(key))
        if not texts[tag].strip():
            remedy = "write the text, or remove the language: its users then get another one"
            raise TextMistake(f"the text is empty; {remedy}", str(key))
    return Text(texts)


if TYPE_CHECKING:
    UserText = str
    FilledText = str
else:

    class UserText(str):
        """A pydantic field type: a text in one or several languages."""

        __slots__ = ()

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], str]]:
            yield read_text

        @classmethod
        def __modify_schema__(cls, field_schema: dict[str, Any]) -> None:
            field_schema["$ref"] = "#/definitions/Text"

    class FilledText(UserText):
        """The same for a text that must not be empty."""

        __slots__ = ()

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], str]]:
            yield read_filled_text


#: For editors: the definition to which the fields' schemas refer.
TEXT_SCHEMA: dict[str, Any] = {
    "description": "A text, or one text for each language, for example {en: Save, de: Speichern}.",
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", "maxLength": MAX_TAG_LENGTH},
            "additionalProperties": {"type": "string", "minLength": 1},
        },
    ],
}
