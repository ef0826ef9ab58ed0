"""Every exception that this package raises on purpose derives from one class."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import rasa_autoplay
from rasa_autoplay.errors import AutoplayError

PACKAGE = Path(rasa_autoplay.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def _classes(file: Path) -> dict[str, list[str]]:
    """Return the classes of a file by name, each with the names of its bases."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ClassDef)]
    return {
        node.name: [ast.unparse(base).split(".")[-1].split("[")[0] for base in node.bases] for node in nodes
    }


@functools.cache
def _all_classes() -> dict[str, list[str]]:
    """Return those of all files; not while tests are collected, which each worker does."""
    return {name: bases for file in MODULES for name, bases in _classes(file).items()}


def _ancestors(name: str) -> set[str]:
    """Return all names of bases, including the bases' bases."""
    bases = set(_all_classes().get(name, []))
    return bases.union(*(_ancestors(base) for base in bases)) if bases else bases


def _is_exception(name: str) -> bool:
    return bool({each for each in _ancestors(name) if each.endswith(("Error", "Exception"))})


def _exceptions() -> set[str]:
    return {name for name in _all_classes() if _is_exception(name)}


def test_finds_exceptions_to_check() -> None:
    assert {"ConfigError", "EngineRefused", "BadRequest", "InvalidTransitionError"} <= _exceptions()


def test_every_exception_derives_from_autoplay_error() -> None:
    others = _exceptions() - {"AutoplayError"}
    assert not {name for name in others if "AutoplayError" not in _ancestors(name)}


def test_error_text_states_the_fault_then_the_remedy() -> None:
    assert str(AutoplayError("It is shut.", remedy="Open it.")) == "It is shut. Open it."
