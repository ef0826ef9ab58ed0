"""Says what is wrong with a value in plain words, instead of pydantic's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml.error import MarkedYAMLError

__all__ = ["plain_encoding_error", "plain_error", "plain_yaml_error"]

#: By pydantic's type of error; ``{…}`` is filled in from the error's context.
_TEXTS = {
    "value_error.missing": "this key is required.",
    "value_error.number.not_gt": "must be more than {limit_value}.",
    "value_error.number.not_ge": "must be at least {limit_value}.",
    "value_error.number.not_lt": "must be less than {limit_value}.",
    "value_error.number.not_le": "must be at most {limit_value}.",
    "value_error.any_str.min_length": "must have at least {limit_value} characters.",
    "value_error.any_str.max_length": "must have at most {limit_value} characters.",
    "value_error.list.min_items": "must have at least {limit_value} items.",
    "value_error.list.max_items": "must have at most {limit_value} items.",
    "type_error.integer": "must be a whole number.",
    "type_error.float": "must be a number.",
    "type_error.bool": "must be true or false.",
    "type_error.str": "must be a text.",
    "type_error.list": "must be a list.",
    "type_error.none.not_allowed": "must have a value. To use the default, leave the key out.",
}
_NOT_EMPTY = "must not be empty."
_MINIMUM_LENGTHS = ("value_error.any_str.min_length", "value_error.list.min_items")


#: What YAML says, and what it means.
_OF_YAML = {
    "mapping values are not allowed here": "there is a colon where none may be: a text that contains a colon "
    "needs quotes, and all lines of a section are indented alike",
    "could not find expected ':'": "the line is no setting: a colon and a space follow the name",
    "expected <block end>, but found": "the line does not fit the lines before it: look at its indentation "
    "and at its quotes",
    "found unexpected end of stream": "a quote or a bracket is opened and not closed",
    "while scanning a quoted scalar": "a quote is opened and not closed",
    "that cannot start any token": "a text may not begin with this character: write it in quotes, and indent "
    "by blanks, not tabs",
    "found undefined alias": "a text that begins with * needs quotes",
    "expected ',' or": "a bracket is opened and not closed",
}
_DUPLICATE = re.compile(r'found duplicate key "([^"]*)"')


def plain_yaml_error(problem: MarkedYAMLError) -> str:
    """Say what is wrong with a file that is no YAML; never a value of the file, which may be a secret."""
    text = str(problem.problem)
    if found := _DUPLICATE.search(text):
        return f"the setting {found[1]!r} stands here for the second time"
    return next((plain for part, plain in _OF_YAML.items() if part in text), text.partition("\n")[0])


def plain_encoding_error(problem: UnicodeDecodeError) -> str:
    """Say where a file is not UTF-8: its line, and what to do."""
    content = problem.object
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "1: the file is UTF-16. Save it as UTF-8."
    line = content.count(b"\n", 0, problem.start) + 1
    byte = f"0x{content[problem.start]:02x}"
    return f"{line}: the file is not UTF-8: this line has the byte {byte}. Save it as UTF-8."


def plain_error(problem: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Describe an error of pydantic's.

    Args:
        problem: its ``type``, ``msg`` and ``ctx``.
        keys: the keys that the section at its place allows.
    """
    kind, context = str(problem["type"]), problem.get("ctx") or {}
    if kind == "value_error.const":
        permitted = [repr(value) for value in context["permitted"]]
        return f"must be {'one of ' if len(permitted) > 1 else ''}{', '.join(permitted)}."
    if kind == "type_error.dict":
        return f"must be a section, with keys such as {', '.join(keys)}."
    if kind in _MINIMUM_LENGTHS and context["limit_value"] == 1:
        return _NOT_EMPTY
    text = _TEXTS.get(kind)
    return str(problem["msg"]) if text is None else text.format(**context)
