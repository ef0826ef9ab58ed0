"""Matches texts: by a part in any case, the exact text, a regular expression, or one of several patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from rasa_autoplay.events.cjk_spacing import close_cjk_gaps

__all__ = ["PATTERN_SCHEMA", "PagePattern", "PropertyPattern", "TextPattern"]

_FORMS = "write part of the text (in any case), {exact: …}, {regex: …}, or a list of these"
_ORIGIN = re.compile(r"^[a-z][a-z0-9+.\-]*://[^/]*", re.IGNORECASE)

#: A team's regular expression may be slow on long texts, and a stranger may write page titles (characters).
_MAX_SEARCHED = 300

_FORMS_SCHEMA = [
    {"type": ["string", "number", "boolean"]},
    *(
        {"type": "object", "properties": {key: {"type": "string"}}, "required": [key]}
        for key in ("exact", "regex")
    ),
]
#: The JSON Schema of a pattern, for editors.
PATTERN_SCHEMA = {
    "description": "A part of the text, in any case; {exact: …}; {regex: …}; or a list of these.",
    "anyOf": [*_FORMS_SCHEMA, {"type": "array", "items": {"anyOf": _FORMS_SCHEMA}, "minItems": 1}],
}

_Test = Callable[[str], bool]
_PatternT = TypeVar("_PatternT", bound="TextPattern")


class TextPattern:
    """A text pattern, usable as a pydantic field type.

    Args:
        source: a text, ``{exact: text}``, ``{regex: expression}``, or a list of these, of which one must
            match.

    Raises:
        ValueError: the source has another form, is empty, or is not a valid regular expression.
    """

    __slots__ = ("_tests", "text")

    def __init__(self, source: object) -> None:
        forms = source if isinstance(source, list) else [source]
        if not forms:
            raise ValueError(f"an empty list matches nothing: {_FORMS}")
        tests = [self._read(form) for form in forms]
        self._tests = tuple(test for _, test in tests)
        self.text = " or ".join(text for text, _ in tests)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.text == self.text

    def __hash__(self) -> int:
        return hash((type(self), self.text))

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], TextPattern]]:
        yield cls.of

    @classmethod
    def __modify_schema__(cls, schema: dict[str, Any]) -> None:
        schema["$ref"] = "#/definitions/Pattern"

    @classmethod
    def of(cls: type[_PatternT], source: object) -> _PatternT:
        """Return the pattern itself, or make one from the value in the file."""
        return source if isinstance(source, cls) else cls(source)

    def matches(self, text: str) -> bool:
        """Whether the text matches."""
        return any(test(text) for test in self._tests)

    def _read(self, form: object) -> tuple[str, _Test]:
        if isinstance(form, dict) and len(form) == 1:
            ((kind, wanted),) = form.items()
            if kind == "exact" and isinstance(wanted, str) and wanted:
                return f'exactly "{wanted}"', self._exact(wanted)
            if kind == "regex" and isinstance(wanted, str) and wanted:
                return f"/{wanted}/", _searching(wanted)
        if isinstance(form, int) and not isinstance(form, bool):
            form = str(form)
        if isinstance(form, str) and form.strip():
            return self._quoted(form), _containing(form)
        raise ValueError(f"{form!r} is not a pattern: {_FORMS}")

    def _quoted(self, part: str) -> str:
        return f'"{part}"'

    def _exact(self, wanted: str) -> _Test:
        closed = close_cjk_gaps(wanted)
        return lambda text: close_cjk_gaps(text) == closed


class PagePattern(TextPattern):
    """A pattern for canonical URLs: an exact page that begins with ``/`` is compared with the URL's path."""

    __slots__ = ()

    def _quoted(self, part: str) -> str:
        return part

    def _exact(self, wanted: str) -> _Test:
        if not wanted.startswith("/"):
            return wanted.__eq__
        path = wanted.rstrip("/")
        return lambda url: _ORIGIN.sub("", url, count=1).rstrip("/") == path


def _containing(part: str) -> _Test:
    wanted = _comparable(part)
    return lambda text: wanted in _comparable(text)


def _comparable(text: str) -> str:
    return close_cjk_gaps(text).casefold()


def _searching(expression: str) -> _Test:
    try:
        search = re.compile(expression).search
    except re.error as problem:
        raise ValueError(f"{expression!r} is not a regular expression: {problem}") from None
    return lambda text: search(text[:_MAX_SEARCHED]) is not None


class PropertyPattern(TextPattern):
    """A pattern for a user's properties: a text means the whole value, in any case."""

    __slots__ = ()

    def fits(self, value: object) -> bool:
        """Whether a property's value matches, whatever its type; None never matches."""
        return value is not None and self.matches(_plain(value))

    def _read(self, form: object) -> tuple[str, _Test]:
        if isinstance(form, (bool, int, float, str)) and _plain(form).strip():
            wanted = _plain(form).casefold()
            return f'"{_plain(form)}"', lambda text: text.casefold() == wanted
        return super()._read(form)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
