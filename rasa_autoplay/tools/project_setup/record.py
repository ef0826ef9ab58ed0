"""Records what init added to a project, so that ``--undo`` can remove it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.tools.project_setup.edit import Edit
from rasa_autoplay.tools.project_setup.project import RasaProject

__all__ = ["RECORD", "texts_after_undo", "texts_with_record"]

#: The record's file, which belongs in version control. It holds only the inserted pieces, no other lines.
RECORD = Path(".rasa-autoplay-init.json")

Texts = dict[Path, tuple[str | None, str | None]]


def texts_with_record(project: RasaProject, edits: Sequence[Edit]) -> Texts:
    """Return the texts to write: the edited files, and the record, which continues an earlier one."""
    before = _text(project)
    files = _read(before)
    texts: Texts = {}
    for edit in edits:
        entry = files.setdefault(edit.path.as_posix(), {"made": edit.before is None, "pieces": []})
        entry["pieces"] += edit.pieces
        texts[edit.path] = (edit.before, edit.text)
    record = json.dumps({"version": 1, "files": files}, indent=2, ensure_ascii=False) + "\n"
    return {**texts, RECORD: (before, record)}


def texts_after_undo(project: RasaProject) -> Texts:
    """Return the texts to write to remove everything that init added.

    Changes elsewhere in a file stay. A file that init created is removed only if it is unchanged.

    Raises:
        AdoptionRefused: there is no record, or a piece was changed; the message has one line for each file.
    """
    before = _text(project)
    if before is None:
        raise AdoptionRefused(f"There is no {RECORD} here, so init has nothing to undo.")
    texts: Texts = {}
    changed: list[str] = []
    for name, entry in _read(before).items():
        edit = project.edit(Path(name))
        if edit.before is None:
            continue  # the file was already removed
        rest, altered = _without(edit.before, entry["pieces"])
        if altered or (entry["made"] and rest.strip()):
            pieces = "".join(f" {_first_line(piece)}" for piece in altered)
            changed.append(f"{name}: changed since init.{pieces}")
        texts[edit.path] = (edit.before, None if entry["made"] else rest)
    if changed:
        raise AdoptionRefused(
            "\n".join(["Nothing was changed, because these changes would be lost:", *changed]),
            remedy="\nSave what you need, remove these by hand (delete the files that init created), and "
            "run --undo again.",
        )
    return {**texts, RECORD: (before, None)}


def _without(text: str, pieces: Sequence[str]) -> tuple[str, list[str]]:
    """Return the text without the pieces, and the pieces that were changed since."""
    altered = []
    for piece in reversed(pieces):
        if text.count(piece) == 1:
            text = text.replace(piece, "")
        elif _first_line(piece) in text:
            altered.append(piece)
    return text, altered


def _first_line(piece: str) -> str:
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
