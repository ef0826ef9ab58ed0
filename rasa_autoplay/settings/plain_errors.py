"""Says what is wrong with a value in plain words, instead of pydantic's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["plain_error"]

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
