"""Imports follow one direction, and no committed file names a machine or a download address."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "rasa_autoplay"

# The layers from the bottom up: a room imports only from rooms before it, and rooms of one row do not import
# each other. "" is the package's root, which offers the public names.
ROWS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    # Texts in settings have languages, so this part of "common" lies below them.
    frozenset({"common.languages"}),
    frozenset({"settings"}),
    frozenset({"common"}),
    frozenset({"storage"}),
    frozenset({"events"}),
    frozenset({"link"}),
    frozenset({"engine", "gateway"}),
    frozenset({"sdk"}),
    frozenset({""}),
    frozenset({"tools"}),
    frozenset({"actions", "channel", "chat_channel"}),
)
MOST_ENTRIES_AT_THE_TOP = 15
OPENS_RASA = {"channel", "chat_channel"}
OPENS_RASA_SDK = {"actions"}
#: What the channel uses of the other half to run the engine in the Rasa server.
ASSEMBLED = {"channel": {"actions", "engine.hosting.in_process"}}

# The brackets keep this test from finding its own lines.
FORBIDDEN_TEXT = {
    "a package registry or a download address": re.compile(
        r"py[p]i\.(org|io)|python[h]osted|npm[j]s\.(org|com)|yarn[p]kg|ana[c]onda\.(org|com)|js[d]elivr|un[p]kg"
        r"|releases[/]download|https?://\S+\.(whl|tar\.gz|tgz|zip)\b"
    ),
    "a path of one machine": re.compile(r"(?<![\w.~-])/(work|root|home/\w+|Users/\w+|tmp/w)/|\.\./[s]hared"),
}


def _module_name(file: Path) -> str:
    parts = file.relative_to(ROOT / PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {_module_name(file): file for file in sorted((ROOT / PACKAGE).rglob("*.py"))}


def _imports(file: Path) -> Iterator[str]:
    """Return the dotted names of the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                yield whole if whole.removeprefix(f"{PACKAGE}.") in MODULES else module


def _own_imports(module: str) -> set[str]:
    """Return the package's modules that one of its modules imports, without the package's name."""
    names = (name.split(".", maxsplit=1) for name in _imports(MODULES[module]))
    return {"".join(rest) for top, *rest in names if top == PACKAGE}


@functools.cache
def _all_imports() -> dict[str, set[str]]:
    """Return them for each module; not while tests are collected, which each worker does."""
    return {module: _own_imports(module) for module in MODULES}


def _room(module: str) -> str:
    inner = ".".join(module.split(".")[:2])
    return inner if any(inner in row for row in ROWS) else module.split(".")[0]


def _row(module: str) -> int:
    """Return the index of the row of a module's room."""
    return next(index for index, rooms in enumerate(ROWS) if _room(module) in rooms)


def _folder(module: str) -> str:
    """Return the folder of a module's file; a top-level file stands for itself."""
    folder = MODULES[module].parent
    return module if folder == ROOT / PACKAGE else folder.relative_to(ROOT / PACKAGE).as_posix()


def _circle(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return what remains of a graph after removing all nodes that are in no cycle and lead to none."""
    left = dict(imports)
    while leaves := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in leaves}
    return left


def test_top_level_modules_are_few_and_listed() -> None:
    entries = {path.name for path in (ROOT / PACKAGE).iterdir() if path.name != "__pycache__"}
    assert len(entries) <= MOST_ENTRIES_AT_THE_TOP, sorted(entries)
    rooms = {entry.removesuffix(".py") for entry in entries} - {"__init__", "py.typed"}
    assert rooms | {""} == {name.partition(".")[0] for row in ROWS for name in row}


def test_imports_follow_one_direction() -> None:
    pairs = [(module, other) for module, imports in _all_imports().items() for other in sorted(imports)]
    upward = [f"{module} imports {other}" for module, other in pairs if _row(other) > _row(module)]
    assert not upward


def test_gateway_and_engine_share_only_the_link() -> None:
    """The channel alone also assembles both in one process, for ``engine: in_process``."""
    pairs = [(module, other) for module, imports in _all_imports().items() for other in sorted(imports)]
    halves = ({"engine", "actions"}, {"gateway", "channel", "chat_channel"})
    across = [
        f"{module} imports {other}"
        for module, other in pairs
        for one, two in (halves, halves[::-1])
        if _room(module) in one and _room(other) in two and other not in ASSEMBLED.get(module, ())
    ]
    assert not across


def test_files_have_no_import_cycle() -> None:
    assert not _circle(_all_imports()), "these import each other"


def test_folders_have_no_import_cycle() -> None:
    folders: dict[str, set[str]] = {}
    for module, imports in _all_imports().items():
        others = folders.setdefault(_folder(module), set())
        others.update({_folder(other) for other in imports} - {_folder(module)})
    assert not _circle(folders), "these import each other"


def test_every_folder_states_its_purpose() -> None:
    files = (ROOT / PACKAGE).rglob("__init__.py")
    silent = [str(file) for file in files if not file.read_text("utf-8").startswith('"""')]
    assert not silent


def test_only_rasa_entry_points_import_rasa() -> None:
    tops = {module: {name.split(".")[0] for name in _imports(file)} for module, file in MODULES.items()}
    assert {module for module in tops if "rasa" in tops[module]} <= OPENS_RASA
    assert {module for module in tops if "rasa_sdk" in tops[module]} <= OPENS_RASA_SDK


def _committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_only_tests_and_benchmarks_import_the_example() -> None:
    allowed = {"benchmarks", "example_bot", "tests"}
    python = [file for file in _committed() if file.suffix == ".py"]
    others = [file for file in python if file.relative_to(ROOT).parts[0] not in allowed]
    assert others
    assert not [f for f in others if any(name.split(".")[0] == "example_bot" for name in _imports(f))]


@pytest.mark.parametrize("what", FORBIDDEN_TEXT)
def test_committed_files_name_no_machine_and_no_registry(what: str) -> None:
    found = []
    for file in _committed():
        text = file.read_bytes().decode("utf-8", "ignore")
        lines = (text.count("\n", 0, match.start()) + 1 for match in FORBIDDEN_TEXT[what].finditer(text))
        found += [f"{file.relative_to(ROOT)}:{line}" for line in lines]
    assert not found, f"{what} is named in {found}"
