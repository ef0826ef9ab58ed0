"""The package's root has every public name, and teams import from nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rasa_autoplay

ROOT = Path(__file__).parents[2]
#: The root, and the modules that Rasa loads by name.
PUBLIC = {
    "rasa_autoplay",
    "rasa_autoplay.actions",
    "rasa_autoplay.channel",
    "rasa_autoplay.chat_channel",
}
#: Code like a team's. The demo is our own program, which plays the browser.
TEAM_CODE = sorted(
    file
    for file in (ROOT / "example_bot").rglob("*.py")
    if not {"demo", "node_modules"} & set(file.relative_to(ROOT).parts)
)
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
_IMPORT = re.compile(r"(?:from|import) +(rasa_autoplay[\w.]*)")
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_every_public_name_exists() -> None:
    missing = [name for name in rasa_autoplay.__all__ if not hasattr(rasa_autoplay, name)]
    assert missing == []


def test_lists_each_name_once_including_those_that_teams_need() -> None:
    names = rasa_autoplay.__all__
    assert len(names) == len(set(names))
    assert {"only_events", "remembers", "title_contains", "mint_token", "AsyncConnectorClient"} <= set(names)


def test_every_name_that_the_root_imports_is_public() -> None:
    tree = ast.parse(Path(rasa_autoplay.__file__).read_text("utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rasa_autoplay")
        for alias in node.names
    }
    assert imported <= set(rasa_autoplay.__all__)


def test_unknown_name_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = rasa_autoplay.nonsense


@pytest.mark.parametrize("file", TEAM_CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_example_bot_imports_only_public_modules(file: Path) -> None:
    assert set(_imported(file.read_text("utf-8"))) <= PUBLIC


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_documentation_imports_only_public_modules(page: Path) -> None:
    for block in _BLOCK.findall(page.read_text("utf-8")):
        assert set(_imported(block)) <= PUBLIC


def _imported(code: str) -> Iterator[str]:
    for line in code.splitlines():
        if found := _IMPORT.match(line.strip()):
            yield found[1]
