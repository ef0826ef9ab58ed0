"""Rewrites Python source written for the vendor's SDK, so that it imports this package instead."""

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
#: The SDK offers these modules by name; here, everything in them comes from the package's root.
_MODULES = {"agent_state_v2"}


class UnreadableSource(AutoplayError):
    """A file is no Python that can be read."""


@dataclass(frozen=True)
class Leftover:
    """Something that is still the SDK's, because this package has no such name.

    Args:
        line: where, from 1.
        text: what.
    """

    line: int
    text: str


@dataclass(frozen=True)
class MigratedSource:
    """Source with its imports rewritten.

    Args:
        text: the new source; the old one where there was nothing to do.
        leftovers: what could not be rewritten, in order.
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
        source: of one module.
        public_names: what this package's root offers.
        name: for the error.

    Raises:
        UnreadableSource: it is no Python of the version that runs.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as problem:
        raise UnreadableSource(f"{name} is no Python that can be read: {problem}.") from None
    rewriter = _Rewriter(source, public_names)
    rewriter.visit(tree)
    text = source
    for edit in sorted(rewriter.edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    leftovers = sorted([*rewriter.leftovers, *_in_strings(source)], key=lambda one: one.line)
    return MigratedSource(text, tuple(leftovers))


class _Rewriter(ast.NodeVisitor):
    """Collects the edits; a statement is replaced whole, at its own indentation."""

    def __init__(self, source: str, public_names: Collection[str]) -> None:
        self._source = source
        self._ours = {"*", *public_names}
        self._line_starts = [0]
        # Not splitlines(): it also splits at form feeds, which are no line ends to Python.
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
        """Where a node begins or ends in the source; ``ast`` counts columns in bytes of UTF-8."""
        start = self._line_starts[line - 1]
        text = self._source[start : self._line_starts[line]]
        return start + len(text.encode()[:column].decode())

    def _joined(self, node: ast.stmt, statements: Sequence[str]) -> str:
        """Statements in the place of one: below each other, or on its line if that holds more than it."""
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
    """``a.b.c`` of an attribute's expression; empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _in_strings(source: str) -> Iterator[Leftover]:
    """Names of the SDK in strings, such as those that ``mock.patch`` takes."""
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.STRING and f"{SDK}." in token.string and "\n" not in token.string:
            yield Leftover(token.start[0], token.string)
