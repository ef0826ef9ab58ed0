"""Adds the corrected line to the errors of a validation, where one is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rasa_autoplay.tools.validation.repairs.edit import Edit
from rasa_autoplay.tools.validation.repairs.search import ErrorsOf, FoundEdit, find_edit, without_places

__all__ = ["INSTEAD", "REMOVE", "Validated", "add_corrections"]

INSTEAD = "Write instead:"
REMOVE = "Remove the line."
_PLACE = re.compile(r"([^:\n]+):(\d+): (.*)", re.DOTALL)
_NOT_YAML = "not valid YAML: "
#: Each search parses the file many times.
_MOST_SEARCHES = 12


class Validated(NamedTuple):
    """A file that was validated.

    Args:
        path: the file.
        errors_of: finds the errors that the file would have with another text.
    """

    path: Path
    errors_of: ErrorsOf


def add_corrections(errors: list[str], files: Mapping[str, Validated]) -> None:
    """Add the corrected line to each error that has a known one.

    Args:
        errors: each begins with ``file:line:``; changed in place.
        files: the validated files by their names, as errors write them.
    """
    found = {
        number: named
        for number, finding in enumerate(errors[:_MOST_SEARCHES])
        if (named := _edit_for(finding, files)) is not None
    }
    for number, (name, own) in found.items():
        finding = errors[number]
        of_file = [other for other_name, other in found.values() if other_name == name]
        if not any(_mends_too(other, own, finding) for other in of_file):
            errors[number] = _told(finding, own.edit)


def _mends_too(other: FoundEdit, own: FoundEdit, finding: str) -> bool:
    """Whether the change for another error mends this one as well, and more than its own change does."""
    return len(other.left) < len(own.left) and without_places(finding) not in other.left


def _edit_for(finding: str, files: Mapping[str, Validated]) -> tuple[str, FoundEdit] | None:
    """Find the change for an error; with the file's name."""
    place = _PLACE.fullmatch(finding)
    file = files.get(place[1]) if place else None
    if place is None or file is None or "\n" in finding:
        return None
    try:
        text = file.path.read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError):
        return None
    found = find_edit(text.split("\n"), int(place[2]) - 1, place[3], file.errors_of)
    return None if found is None else (place[1], found)


def _told(finding: str, edit: Edit) -> str:
    place = _PLACE.fullmatch(finding)
    assert place is not None  # noqa: S101 - an edit was found for it
    name, message = place[1], place[3]
    if edit.cause and message.startswith(_NOT_YAML):
        message = f"{_NOT_YAML}{edit.cause}"
    message = message if message.endswith((".", "?", "!")) else f"{message}."
    if edit.cause and not message.startswith(_NOT_YAML):
        message = f"{message} Perhaps {edit.cause}."
    if not edit.lines:
        return f"{name}:{edit.at + 1}: {message} {REMOVE}"
    shown = "\n".join(f"    {line}" for line in edit.lines)
    return f"{name}:{edit.at + 1}: {message} {INSTEAD}\n{shown}"
