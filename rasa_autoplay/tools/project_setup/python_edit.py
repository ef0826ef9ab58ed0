"""Adds the import of the copilot's actions to a Python module, after its first imports."""

from __future__ import annotations

import ast

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.tools.project_setup.edit import Edit

__all__ = ["add_actions_import", "imports_actions"]

MODULE = "rasa_autoplay.actions"
LINE = f"from {MODULE} import *  # noqa: F403 - the copilot's actions and its engine\n"


def imports_actions(edit: Edit) -> bool:
    """Whether the module already imports the copilot's actions.

    Raises:
        AdoptionRefused: the file is not valid Python.
    """
    for node in ast.walk(_tree(edit)):
        if isinstance(node, ast.ImportFrom) and node.module == MODULE:
            return True
        if isinstance(node, ast.Import) and any(name.name == MODULE for name in node.names):
            return True
    return False


def add_actions_import(edit: Edit) -> None:
    """Add the import after the docstring and the first imports."""
    last = 0
    body = _tree(edit).body
    for statement in body:
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not (is_docstring or isinstance(statement, (ast.Import, ast.ImportFrom))):
            break
        last = statement.end_lineno or statement.lineno
    if last:
        edit.insert_line(_start(edit, last), LINE)
    elif body:
        decorators = getattr(body[0], "decorator_list", [])
        first = min(node.lineno for node in (body[0], *decorators))
        edit.insert(_start(edit, first), f"{LINE}\n")
    else:
        edit.append(LINE)
    _tree(edit)


def _start(edit: Edit, line: int) -> int:
    """Return the offset at which a line begins; lines count from 1."""
    return sum(len(one) + 1 for one in edit.text.split("\n")[: line - 1])


def _tree(edit: Edit) -> ast.Module:
    try:
        return ast.parse(edit.text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError) as problem:
        line = getattr(problem, "lineno", None) or 1
        raise AdoptionRefused(f"{edit.path}:{line}: not valid Python: {problem}.") from None
