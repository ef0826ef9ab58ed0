"""Sanic's listeners work with and without the event loop: Sanic 26.6 passes the app alone."""

from __future__ import annotations

import ast
from pathlib import Path

import rasa_autoplay

PACKAGE = Path(rasa_autoplay.__file__).parent


def test_no_listener_requires_the_event_loop() -> None:
    functions = [
        node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    listeners = [each for each in functions if [one.arg for one in each.args.args[1:]] == ["_loop"]]
    assert len(listeners) == 7
    assert [each.name for each in listeners if not each.args.defaults] == []
