"""The repository's Markdown pages and their fenced blocks, each with its place."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.processes import ROOT

__all__ = ["PAGES", "Block", "blocks"]

PAGES = (
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>[\w+-]*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """The text between two fences.

    Attributes:
        page: the file.
        line: the number of its first line, from 1.
        language: the word after the fence; may be empty.
        text: the content, without common indentation.
    """

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Return all blocks in the given languages, or of every language if none is given."""
    return [each for page in PAGES for each in _of(page) if not languages or each.language in languages]


def _of(page: Path) -> Iterator[Block]:
    content = page.read_text("utf-8")
    for found in _BLOCK.finditer(content):
        line = content.count("\n", 0, found.start("text")) + 1
        yield Block(page, line, found["language"], textwrap.dedent(found["text"]))
