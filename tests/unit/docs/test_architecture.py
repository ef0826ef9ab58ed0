"""ARCHITECTURE.md and the contributors' pages match the code; the glossary is short."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from support.processes import ROOT

PACKAGE = ROOT / "rasa_autoplay"
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
ROOMS = dict(re.findall(r"^\| `([\w/]+)/` \| [^|]+ \| (.+) \|$", ARCHITECTURE, re.M))
PROCESSES = dict(re.findall(r"^\| `([\w/]+)/` \| ([^|]+) \| .+ \|$", ARCHITECTURE, re.M))
PAGES = [
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
#: Built files, which are not in the repository.
_BUILT = ("site/", "dist/", ".venv/", ".venvs/")


def _purpose(room: Path) -> str:
    """Return the first line of a folder's docstring."""
    return str(ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))).splitlines()[0]


def test_table_lists_every_folder_with_its_purpose() -> None:
    folders = {file.parent for file in PACKAGE.rglob("__init__.py")} - {PACKAGE}
    purposes = {folder.relative_to(PACKAGE).as_posix(): _purpose(folder) for folder in folders}
    wrong = {room: purpose for room, purpose in purposes.items() if ROOMS.get(room) != purpose}
    assert wrong == {}, "write these first lines of docstrings into ARCHITECTURE.md"
    assert set(ROOMS) == set(purposes)


def test_table_names_the_process_of_each_folder() -> None:
    processes = {"gateway": "`rasa run`", "engine": "`rasa run actions`", "tools": "command line"}
    for room, process in PROCESSES.items():
        assert process == processes.get(room.split("/")[0], process)
    assert set(processes.values()) < set(PROCESSES.values())


def test_architecture_page_is_short() -> None:
    """Rows of folders do not count: a new folder must not be dearer than one more file in a full one."""
    assert len(ARCHITECTURE.splitlines()) - len(ROOMS) <= 69


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_path_named_in_a_page_exists(page: Path) -> None:
    named = re.findall(r"`([\w.-]+(?:/[\w.-]*)+)`", page.read_text("utf-8"))
    paths = [path for path in named if not path.startswith(_BUILT)]
    assert [path for path in paths if not ((ROOT / path).exists() or (PACKAGE / path).exists())] == []


def test_glossary_is_short_and_sorted() -> None:
    glossary = (ROOT / "docs" / "concepts.md").read_text("utf-8").split("## Glossary")[1]
    words = re.findall(r"^\| ([a-z ]+) \|", glossary, re.M)[1:]
    assert 20 <= len(words) <= 40
    assert words == sorted(words)
