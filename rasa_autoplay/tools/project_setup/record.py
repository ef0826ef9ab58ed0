"""Remembers what was added to a project, so that it can be taken out again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.tools.project_setup.edit import Edit
from rasa_autoplay.tools.project_setup.project import RasaProject

__all__ = ["RECORD", "recorded", "without_what_was_added"]

#: Belongs to the project, like the files it speaks of. It holds the pieces only, and no other line of a file.
RECORD = Path(".rasa-autoplay-init.json")

Texts = dict[Path, tuple[str | None, str | None]]


def recorded(project: RasaProject, edits: Sequence[Edit]) -> Texts:
    """The texts to write: those of the edits, and the record, which an earlier one goes on in."""
    before = _text(project)
    files = _read(before)
    texts: Texts = {}
    for edit in edits:
        entry = files.setdefault(edit.path.as_posix(), {"made": edit.before is None, "pieces": []})
        entry["pieces"] += edit.pieces
        texts[edit.path] = (edit.before, edit.text)
    record = json.dumps({"version": 1, "files": files}, indent=2, ensure_ascii=False) + "\n"
    return {**texts, RECORD: (before, record)}


def without_what_was_added(project: RasaProject) -> Texts:
    """The texts to write so that nothing is left of what was added.

    What users have changed elsewhere in a file stays; a file that was made goes only as it was made.

    Raises:
        AdoptionRefused: nothing is known to have been added, or it was changed since: each place, one a line.
    """
    before = _text(project)
    if before is None:
        raise AdoptionRefused(f"There is no {RECORD} here, so nothing is known to have been added.")
    texts: Texts = {}
    changed: list[str] = []
    for name, entry in _read(before).items():
        edit = project.edit(Path(name))
        if edit.before is None:
            continue  # somebody has removed it already
        rest, altered = _without(edit.before, entry["pieces"])
        if altered or (entry["made"] and rest.strip()):
            pieces = "".join(f" {_begins(piece)}" for piece in altered)
            changed.append(f"{name}: is not as init left it.{pieces}")
        texts[edit.path] = (edit.before, None if entry["made"] else rest)
    if changed:
        raise AdoptionRefused(
            "\n".join(["Nothing has been changed, because that would lose work:", *changed]),
            remedy="\nSave what you need, remove these by hand (files that were made: delete them), and "
            "run --undo again.",
        )
    return {**texts, RECORD: (before, None)}


def _without(text: str, pieces: Sequence[str]) -> tuple[str, list[str]]:
    """The text without the pieces, and those that are not there as they were put in."""
    altered = []
    for piece in reversed(pieces):
        if text.count(piece) == 1:
            text = text.replace(piece, "")
        elif _begins(piece) in text:
            altered.append(piece)
    return text, altered


def _begins(piece: str) -> str:
    return piece.strip().splitlines()[0]


def _text(project: RasaProject) -> str | None:
    return project.edit(RECORD).before


def _read(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        files = json.loads(text)["files"]
        good = all(isinstance(entry["made"], bool) and entry["pieces"] for entry in files.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        good = False
    if not good:
        raise AdoptionRefused(f"{RECORD} is damaged.", remedy="Restore it from your version control.")
    return dict(files)
