"""Rewrites Python source for the vendor's SDK so that it imports this package instead."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from rasa_autoplay.errors import AutoplayError

__all__ = ["Leftover", "MigratedSource", "UnreadableSource", "migrate"]

SDK = "autoplay_sdk"
OURS = "rasa_autoplay"
#: The SDK has these modules; this package exports their content from its root.
_MODULES = {"agent_state_v2"}


class UnreadableSource(AutoplayError):
    """A file is not valid Python."""


@dataclass(frozen=True)
class Leftover:
    """A name of the SDK that stays, because this package does not have it.

    Args:
        line: the line's number, from 1.
        text: the dotted name.
    """

    line: int
    text: str


@dataclass(frozen=True)
class MigratedSource:
    """Source with its imports rewritten.

    Args:
        text: the new source; unchanged if there was nothing to do.
        leftovers: what could not be rewritten, in order of lines.
    """

    text: str
    leftovers: tuple[Leftover, ...]


@dataclass(frozen=True)
class _Edit:
    """Replaces the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def migrate(source: str, public_names: Collection[str], name: str = "<source>") -> MigratedSource:
    """Rewrite the imports of the SDK, and the dotted names that begin with it.

    Comments, strings and everything else stay as they are.

    Args:
        source: the source of one module.
        public_names: the names that this package's root exports.
        name: the file's name, for the error.

    Raises:
        UnreadableSource: the source is not valid for this Python version.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as problem:
        raise UnreadableSource(f"{name} is not valid Python: {problem}.") from None
    rewriter = _Rewriter(source, public_names)
    rewriter.visit(tree)
    text = source
    for edit in sorted(rewriter.edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    leftovers = sorted([*rewriter.leftovers, *_in_strings(source)], key=lambda one: one.line)
    return MigratedSource(text, tuple(leftovers))


class _Rewriter(ast.NodeVisitor):
    """Collects the edits; each replaces a whole statement at its own indentation."""

    def __init__(self, source: str, public_names: Collection[str]) -> None:
        self._source = source
        self._ours = {"*", *public_names}
        self._line_starts = [0]
        # splitlines() would also split at form feeds, which do not end a line in Python.
        for line in StringIO(source, newline=""):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self.edits: list[_Edit] = []
        self.leftovers: list[Leftover] = []

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """``from autoplay_sdk… import …``."""
        if node.level or not _is_sdk(node.module or ""):
            return
        modules = [alias for alias in node.names if alias.name in _MODULES]
        known = [alias for alias in node.names if alias.name in self._ours and alias not in modules]
        unknown = [alias for alias in node.names if alias not in known and alias not in modules]
        statements = [f"from {OURS} import {_names(known)}"] if known else []
        statements += [f"import {OURS} as {alias.asname or alias.name}" for alias in modules]
        statements += [f"from {node.module} import {_names(unknown)}"] if unknown else []
        self.leftovers += [Leftover(node.lineno, f"{node.module}.{alias.name}") for alias in unknown]
        if known or modules:
            self._replace(node, self._joined(node, statements))

    def visit_Import(self, node: ast.Import) -> None:
        """``import autoplay_sdk…``."""
        if not any(_is_sdk(alias.name) for alias in node.names):
            return
        names = []
        for alias in node.names:
            bound = f" as {alias.asname}" if alias.asname else ""
            name = f"{OURS}{bound}" if _is_sdk(alias.name) else f"{alias.name}{bound}"
            names += [name] if name not in names else []
        self._replace(node, f"import {', '.join(names)}")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """``autoplay_sdk.….Name``."""
        path = _dotted(node)
        if not _is_sdk(path):
            self.generic_visit(node)
            return
        if node.attr in self._ours:
            self._replace(node, f"{OURS}.{node.attr}")
        else:
            self.leftovers.append(Leftover(node.lineno, path))

    def _replace(self, node: ast.stmt | ast.expr, text: str) -> None:
        assert node.end_lineno is not None  # noqa: S101 - the parser always sets both
        assert node.end_col_offset is not None  # noqa: S101
        start = self._place(node.lineno, node.col_offset)
        self.edits.append(_Edit(start, self._place(node.end_lineno, node.end_col_offset), text))

    def _place(self, line: int, column: int) -> int:
        """Convert a line and column to an offset; ``ast`` counts columns in bytes of UTF-8."""
        start = self._line_starts[line - 1]
        text = self._source[start : self._line_starts[line]]
        return start + len(text.encode()[:column].decode())

    def _joined(self, node: ast.stmt, statements: Sequence[str]) -> str:
        """Join statements that replace one: on separate lines, or on its line if that holds others too."""
        start = self._line_starts[node.lineno - 1]
        before = self._source[start : self._place(node.lineno, node.col_offset)]
        return ("; " if before.strip() else f"\n{before}").join(statements)


def _names(aliases: Sequence[ast.alias]) -> str:
    names = [f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in aliases]
    one_line = ", ".join(names)
    return one_line if len(one_line) <= 70 else "(\n    " + ",\n    ".join(names) + ",\n)"


def _is_sdk(module: str) -> bool:
    return module == SDK or module.startswith(f"{SDK}.")


def _dotted(node: ast.expr) -> str:
    """Return the dotted path ``a.b.c`` of an attribute; empty for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _in_strings(source: str) -> Iterator[Leftover]:
    """Yield names of the SDK in strings, such as the targets of ``mock.patch``."""
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.STRING and f"{SDK}." in token.string and "\n" not in token.string:
            yield Leftover(token.start[0], token.string)
