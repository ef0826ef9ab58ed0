"""JSON answers as objects with attributes, and as text for a language model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rasa_autoplay.errors import MalformedEvent

__all__ = ["Record", "Records"]


class Record(Mapping[str, Any]):
    """A JSON object: ``record.knowledge_state.mastered`` as well as ``record["knowledge_state"]``.

    If a field has the name of a method (``items``, ``keys``, …), only ``[]`` reads it.

    Args:
        fields: the parsed object; nested objects become records when they are read.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return _wrap(self._fields[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"the answer has no {name!r}")
        return self[name]

    def __repr__(self) -> str:
        return f"Record({dict(self._fields)!r})"

    def to_text(self) -> str:
        """The field ``text`` if there is one; otherwise one line per field, with nested fields indented."""
        text = self._fields.get("text")
        return text if isinstance(text, str) else "\n".join(_lines(self._fields))


class Records(list[Record]):
    """A list of records, best first."""

    @classmethod
    def from_answer(cls, answer: object) -> Records:
        """Read a JSON array of objects, or an object with one array in it.

        Raises:
            MalformedEvent: the answer is neither.
        """
        if isinstance(answer, Mapping):
            arrays = [value for value in answer.values() if isinstance(value, list)]
            answer = arrays[0] if len(arrays) == 1 else None
        if not isinstance(answer, list) or not all(isinstance(entry, Mapping) for entry in answer):
            raise MalformedEvent("the answer is not a list of objects")
        return cls(Record(entry) for entry in answer)

    def to_text(self) -> str:
        """The records' texts, separated by empty lines."""
        return "\n\n".join(record.to_text() for record in self)


def _wrap(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Record(value)
    return [_wrap(element) for element in value] if isinstance(value, list) else value


def _lines(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield f"{name}:"
            yield from (f"  {line}" for line in _lines(value))
        elif isinstance(value, list) and any(isinstance(element, Mapping) for element in value):
            yield f"{name}:"
            yield from _bullets(value)
        else:
            yield f"{name}: {_inline(value)}"


def _bullets(elements: Sequence[Any]) -> Iterator[str]:
    for element in elements:
        lines = list(_lines(element)) if isinstance(element, Mapping) else [_inline(element)]
        for position, line in enumerate(lines):
            yield f"  {'-' if position == 0 else ' '} {line}"


def _inline(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None or value == {} else str(value)
