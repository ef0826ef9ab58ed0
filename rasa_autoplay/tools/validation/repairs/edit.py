"""A change of a few lines of a text, and the parts of a line of YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Edit", "Entry", "indent_of", "quoted", "replaced", "split_line"]


class Edit(NamedTuple):
    """A proposed change.

    Args:
        at: index of the first line that is replaced.
        lines: what to write instead; empty to remove the line.
        cause: what is wrong with the line; empty if the error itself says it.
        span: how many lines are replaced.
    """

    at: int
    lines: tuple[str, ...]
    cause: str = ""
    span: int = 1

    def applied(self, lines: Sequence[str]) -> str:
        """Return the changed text."""
        return "\n".join([*lines[: self.at], *self.lines, *lines[self.at + self.span :]])


class Entry(NamedTuple):
    """The parts of a line such as ``  - id: save  # why``.

    Args:
        lead: the indentation, and the dashes of list items.
        key: the key with its colon and the blanks after it; empty for an item without a key.
        value: the value, as written.
        tail: the blanks and the comment after it.
    """

    lead: str
    key: str
    value: str
    tail: str

    def with_value(self, value: str) -> str:
        """Return the line with another value."""
        key = self.key if self.key.endswith(" ") or not self.key else f"{self.key} "
        return f"{self.lead}{key}{value}{self.tail}"


_LEAD = re.compile(r"\s*(?:- +)*")
_KEY = re.compile(r"""(?:[\w.$-]+|"[^"]*"|'[^']*')\s*:(?:\s+|$)""")
_COMMENT = re.compile(r"\s+#.*$|\s+$")


def split_line(line: str) -> Entry:
    """Split a line of YAML, as far as one line shows its parts."""
    found = _LEAD.match(line)
    lead = found[0] if found else ""
    rest = line[len(lead) :]
    match = _KEY.match(rest)
    key = match[0] if match else ""
    value = rest[len(key) :]
    comment = None if value[:1] in "\"'" else _COMMENT.search(value)
    tail = comment[0] if comment else ""
    return Entry(lead, key, value[: len(value) - len(tail)], tail)


def indent_of(line: str) -> int:
    """Return the number of blanks before a line's text."""
    return len(line) - len(line.lstrip(" \t"))


def quoted(text: str) -> str:
    """Return a text in double quotes, as YAML reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def replaced(line: str, old: str, new: str) -> str:
    """Replace the last occurrence of a part of a line."""
    head, _, tail = line.rpartition(old)
    return f"{head}{new}{tail}"
