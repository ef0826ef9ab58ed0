"""Tests close what they opened even if they fail: an open connection would hang the run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def _context_managers() -> Iterator[tuple[Path, ast.AsyncFunctionDef | ast.FunctionDef]]:
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and any(
                "contextmanager" in ast.unparse(each) for each in node.decorator_list
            ):
                yield path, node


def _skipped_by_a_failure(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Return the statements that a failure at the preceding ``yield`` would skip, except for checks."""
    for place, statement in enumerate(body):
        if not any(isinstance(node, ast.Yield) for node in ast.walk(statement)):
            continue
        if isinstance(statement, ast.Expr | ast.Assign):
            yield from (each for each in body[place + 1 :] if not _is_a_check(each))
        for block in (getattr(statement, name, ()) for name in ("body", "orelse", "finalbody")):
            yield from _skipped_by_a_failure(block)


def _is_a_check(statement: ast.stmt) -> bool:
    waits = isinstance(statement, ast.Expr) and ast.unparse(statement).startswith("self._until(")
    return waits or isinstance(statement, ast.Assert | ast.Return)


def test_closes_resources_after_a_failure() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{statement.lineno}: put into a finally: {ast.unparse(statement)}"
        for path, function in _context_managers()
        for statement in _skipped_by_a_failure(function.body)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("body", "skipped"),
    [
        ("x = open()\nyield x\nx.close()", ["x.close()"]),
        ("with y:\n    yield y\n    y.close()", ["y.close()"]),
        ("try:\n    yield\nfinally:\n    close()", []),
        ("yield\nassert done", []),
    ],
)
def test_detects_a_statement_after_a_bare_yield(body: str, skipped: list[str]) -> None:
    assert [ast.unparse(each) for each in _skipped_by_a_failure(ast.parse(body).body)] == skipped
