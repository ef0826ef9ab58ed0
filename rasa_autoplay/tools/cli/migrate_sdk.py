"""``rasa-autoplay migrate-sdk``: makes code written for the vendor's SDK import this package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.tools.sdk_migration import MigratedSource

__all__ = ["add_arguments", "run"]

_FOUND_NOTHING = "Nothing to change: no file imports autoplay_sdk."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a Python file, or a folder of them"
    )
    parser.add_argument("--yes", action="store_true", help="change the files without asking")
    parser.epilog = "It shows a diff and asks. Names that this package lacks are listed and stay."


def run(arguments: argparse.Namespace) -> int:
    """Show the diff, ask, and write all files or none.

    Returns:
        0 when the files are migrated whole, 1 when something is left to do by hand or nothing was changed.
    """
    from rasa_autoplay import __all__ as public_names
    from rasa_autoplay.tools.sdk_migration import migrate

    sources = {path: _read(path) for path in _python_files(arguments.files)}
    migrated = {path: migrate(source, public_names, str(path)) for path, source in sources.items()}
    changed = {path: result for path, result in migrated.items() if result.text != sources[path]}
    _print_diff(sources, changed)
    _print_leftovers(migrated)
    is_complete = not any(result.leftovers for result in migrated.values())
    if not changed:
        print(_FOUND_NOTHING if is_complete else "Nothing was changed.")
        return 0 if is_complete else 1
    if not (arguments.yes or _user_agrees()):
        print("Nothing was changed.")
        return 1
    for path, result in changed.items():
        path.write_bytes(result.text.encode())
    print(f"Changed {len(changed)} file{'s' if len(changed) > 1 else ''}.")
    return 0 if is_complete else 1


def _python_files(given: list[Path]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in given:
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        if path.is_dir() and not found:
            raise AutoplayError(f"{path} holds no Python file.")
        files.update(dict.fromkeys(found))
    return list(files)


def _read(path: Path) -> str:
    try:
        # Not read_text(): it would turn the file's line ends into newlines.
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise AutoplayError(f"{path} cannot be read: {problem}.") from None


def _print_diff(sources: dict[Path, str], changed: dict[Path, MigratedSource]) -> None:
    import difflib

    for path, result in changed.items():
        before, after = sources[path].splitlines(keepends=True), result.text.splitlines(keepends=True)
        for line in difflib.unified_diff(before, after, f"a/{path.as_posix()}", f"b/{path.as_posix()}"):
            print(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", end="")


def _print_leftovers(migrated: dict[Path, MigratedSource]) -> None:
    for path, result in migrated.items():
        for leftover in result.leftovers:
            print(
                f"{path}:{leftover.line}: {leftover.text} has no counterpart here; see "
                "docs/coming-from-the-sdk-tutorial.md",
                file=sys.stderr,
            )


def _user_agrees() -> bool:
    if not sys.stdin.isatty():
        raise AutoplayError("There is no terminal to ask at.", remedy="Say --yes to change the files.")
    print("\nChange these files? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
