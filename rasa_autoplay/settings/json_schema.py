"""Settings models as JSON Schema (draft 7), with which editors complete and check the files.

pydantic generates the structure. The descriptions come from the models' docstrings: the first paragraph
describes a section, and an entry under ``Args:`` describes a key.
"""

from __future__ import annotations

import copy
import inspect
import re
from typing import Any

from rasa_autoplay.settings.durations import PATTERN, Duration, format_duration
from rasa_autoplay.settings.texts import TEXT_SCHEMA

__all__ = ["complete_section", "json_schema"]

_DURATION = {
    "description": 'A number and a unit (ms, s, m, h, d), for example "10s", "5m" or "1h30m"; or 0.',
    "anyOf": [{"type": "string", "pattern": PATTERN}, {"const": 0}],
}
_ARGUMENT = re.compile(r"^ {4}(\w+): ", re.MULTILINE)


def json_schema(model: Any, title: str) -> dict[str, Any]:
    """Build the schema of a file.

    Args:
        model: the file's ``Settings`` class.
        title: the schema's title.
    """
    # pydantic caches what it returns.
    schema: dict[str, Any] = copy.deepcopy(model.schema())
    definitions = {**schema.pop("definitions", {}), "Duration": _DURATION, "Text": TEXT_SCHEMA}
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title}
    return {**head, **schema, "definitions": dict(sorted(definitions.items()))}


def complete_section(schema: dict[str, Any], model: Any) -> None:
    """Add to a section's schema what pydantic leaves out: descriptions, null, and durations with units.

    Args:
        schema: the section's schema from pydantic; changed in place.
        model: the section's class.
    """
    schema.pop("title", None)
    texts: dict[str, str] = {}
    for each in reversed(model.__mro__):  # a section may inherit keys
        schema["description"], own = _read_docstring(each)
        texts.update(own)
    for field in model.__fields__.values():
        key = schema["properties"][field.alias]
        schema["properties"][field.alias] = _complete_key(key, field, texts.get(field.name, ""))


def _complete_key(key: dict[str, Any], field: Any, text: str) -> dict[str, Any]:
    # The defaults of a nested section are in that section's own schema.
    left_out = {"title", "description", *(["default"] if isinstance(key.get("default"), dict) else [])}
    bones = {name: value for name, value in key.items() if name not in left_out}
    if "$ref" in bones:
        # In draft 7, keywords next to "$ref" are ignored.
        bones = {"allOf": [{"$ref": bones["$ref"]}]}
    if field.type_ is Duration and field.default is not None:
        bones["default"] = format_duration(field.default)
    if field.allow_none:
        bones = {"anyOf": [bones, {"type": "null"}]}
    return {"description": text, **bones} if text else bones


def _read_docstring(model: Any) -> tuple[str, dict[str, str]]:
    """Return a class's first paragraph and its arguments' descriptions, without reStructuredText markup."""
    paragraphs, _, arguments = inspect.cleandoc(model.__doc__ or "").partition("Args:\n")
    names = list(_ARGUMENT.finditer(arguments))
    ends = [*(name.start() for name in names[1:]), len(arguments)]
    texts = {name[1]: _plain(arguments[name.end() : end]) for name, end in zip(names, ends, strict=False)}
    return _plain(paragraphs.partition("\n\n")[0]), texts


def _plain(text: str) -> str:
    words = " ".join(text.replace("``", "").split())
    return f"{words[:1].upper()}{words[1:]}"
