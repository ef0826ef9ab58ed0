"""A text as lines: their words, their indentation, and whether somebody wrote something there."""

from __future__ import annotations

import re

__all__ = ["Line", "lines_of"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Line:
    """One line of a file.

    Args:
        text: the line with its line ending.

    Attributes:
        words: the line without its layout. Editors and formatters change spaces and line endings, which
            nobody means as a change of what the line says.
        indent: how many characters of white space it begins with.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = " ".join(text.split())
        self.indent = len(text) - len(text.lstrip())

    @property
    def is_blank(self) -> bool:
        """Whether the line has no words."""
        return not self.words

    @property
    def is_code(self) -> bool:
        """Whether the line is neither blank nor a comment of YAML or Python."""
        return bool(self.words) and not self.words.startswith("#")


def lines_of(text: str) -> list[Line]:
    """Split a text at its newlines; joined, the lines' texts are the text again."""
    return [Line(line) for line in _LINE.findall(text)]
