"""``rasa-autoplay migrate-sdk``: rewrites imports of the vendor's SDK to this package."""

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
        "files", nargs="+", type=Path, metavar="FILE", help="a Python file, or a folder of Python files"
    )
    parser.add_argument("--yes", action="store_true", help="change the files without asking")
    parser.epilog = (
        "Shows a diff and asks. Names that this package does not have are listed and stay unchanged."
    )


def run(arguments: argparse.Namespace) -> int:
    """Show the diff, ask, and write all files or none.

    Returns:
        0 if nothing is left to do; 1 if something is left to do by hand, or if the user declined.
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
            raise AutoplayError(f"{path} contains no Python file.")
        files.update(dict.fromkeys(found))
    return list(files)


def _read(path: Path) -> str:
    try:
        # read_text() would convert the file's line endings.
        return path.read_bytes().decode("utf-8")
    except OSError as problem:
        raise AutoplayError(f"{path}: cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise AutoplayError(f"{path}: cannot be read: it is not UTF-8.") from None


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
                f"{path}:{leftover.line}: {leftover.text} has no equivalent in rasa_autoplay; see "
                "docs/coming-from-the-sdk-tutorial.md",
                file=sys.stderr,
            )


def _user_agrees() -> bool:
    if not sys.stdin.isatty():
        raise AutoplayError(
            "There is no terminal to ask for confirmation.",
            remedy="Use --yes to change the files without asking.",
        )
    print("\nChange these files? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
