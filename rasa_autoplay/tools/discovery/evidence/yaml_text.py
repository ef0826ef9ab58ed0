"""Writes plain data as YAML that people read: lists of mappings on lines of their own, others in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["yaml_lines"]

#: Texts that every version of YAML reads as texts, without quotes.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_/.-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_LINE = 96


def yaml_lines(data: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield the lines of a mapping.

    Args:
        data: texts, numbers, booleans, None, lists and mappings.
        indent: what each line begins with.
    """
    for key, value in data.items():
        yield from _entry(f"{indent}{_text(key)}:", value, f"{indent}  ")


def _entry(head: str, value: object, indent: str) -> Iterator[str]:
    line = f"{head} {_inline(value)}"
    is_item = head.endswith("-") and isinstance(value, Mapping)
    if len(line) <= _LINE and not is_item and not _is_deep(value):
        yield line
    elif isinstance(value, Mapping) and value:
        if head.endswith("-"):
            first, *rest = yaml_lines(value, indent)
            yield f"{head} {first.removeprefix(indent)}"
            yield from rest
        else:
            yield head
            yield from yaml_lines(value, indent)
    elif isinstance(value, (list, tuple)) and value:
        yield head
        for each in value:
            yield from _entry(f"{indent}-", each, f"{indent}  ")
    else:
        yield line


def _is_deep(value: object) -> bool:
    """Whether it is a list of mappings, or a mapping of such: one line would be hard to read."""
    if isinstance(value, Mapping):
        return any(isinstance(each, (list, tuple)) and _is_deep(each) for each in value.values())
    return isinstance(value, (list, tuple)) and any(isinstance(each, (Mapping, list)) for each in value)


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_text(key)}: {_inline(each)}' for key, each in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_inline, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if '"' in text and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return "".join(
        char if char.isprintable() else f"\\U{ord(char):08X}" for char in json.dumps(text, ensure_ascii=False)
    )
