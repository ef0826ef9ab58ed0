"""Every regular expression of the package, and how it is used."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from support.processes import ROOT

__all__ = ["Use", "patterns_in_use", "unnamed_patterns"]

_PACKAGE = ROOT / "rasa_autoplay"
_FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
_NAMES_RE = re.compile(r"\bre\b")


@dataclass
class Use:
    """A pattern, and whether it is tried at each position of a text or at one."""

    name: str
    pattern: re.Pattern[Any]
    methods: set[str] = field(default_factory=set)

    def run(self, text: str) -> None:
        """Apply the pattern to a whole text as the package does."""
        source = text if isinstance(self.pattern.pattern, str) else text.encode("utf-8", "replace")
        if self.methods and self.methods <= {"match", "fullmatch"}:
            for method in self.methods:
                getattr(self.pattern, method)(source)
        else:
            for _ in self.pattern.finditer(source):
                pass


def patterns_in_use(without: frozenset[str]) -> list[Use]:
    """Return the compiled patterns of all modules.

    Args:
        without: folders and modules of the package to leave out.
    """
    found: dict[int, Use] = {}
    for module, text in _modules(without):
        names = vars(importlib.import_module(module))
        patterns = {name: value for name, value in names.items() if isinstance(value, re.Pattern)}
        if not (patterns or _NAMES_RE.search(text)):
            continue  # parsing all modules would take seconds
        tree = ast.parse(text)
        for name, pattern in patterns.items():
            found.setdefault(id(pattern), Use(f"{module}.{name}", pattern))
        for name, method in _method_uses(tree):
            if name in patterns:
                found[id(patterns[name])].methods.add(method)
        for call in _calls(tree):
            if isinstance(call.args[0], ast.Constant) and not _is_named(call, tree):
                place = f"{module}:{call.lineno}"
                pattern = re.compile(call.args[0].value)
                found.setdefault(id(pattern), Use(place, pattern))
    return list(found.values())


def unnamed_patterns(without: frozenset[str]) -> list[str]:
    """Return the places where a pattern is compiled at run time: ``module: expression``."""
    return [
        f"{module}: {ast.unparse(call.args[0])}"
        for module, text in _modules(without)
        for tree in [ast.parse(text)]
        for call in _calls(tree)
        if not isinstance(call.args[0], ast.Constant) and not _is_named(call, tree)
    ]


def _modules(without: frozenset[str]) -> Iterator[tuple[str, str]]:
    for file in sorted(_PACKAGE.rglob("*.py")):
        parts = file.relative_to(_PACKAGE).with_suffix("").parts
        rooms = {".".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
        if without.isdisjoint(rooms) and parts[-1] != "__main__":
            name = ".".join([_PACKAGE.name, *(part for part in parts if part != "__init__")])
            yield name, file.read_text("utf-8")


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in _FUNCTIONS
        ):
            yield node


def _is_named(call: ast.Call, tree: ast.Module) -> bool:
    """Return whether the call is assigned to a module-level name."""
    return any(isinstance(node, ast.Assign) and node.value is call for node in tree.body)


def _method_uses(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr
