"""Records what init added to a project, so that ``--undo`` can remove it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.tools.project_setup.edit import Edit
from rasa_autoplay.tools.project_setup.project import RasaProject

__all__ = ["RECORD", "Texts", "read_record", "record_text", "texts_with_record"]

#: The record's file, which belongs in version control. It holds only the inserted pieces, no other lines.
RECORD = Path(".rasa-autoplay-init.json")

#: By path, the old and the new text; None stands for no file.
Texts = dict[Path, tuple[str | None, str | None]]


def texts_with_record(project: RasaProject, edits: Sequence[Edit]) -> Texts:
    """Return the texts to write: the edited files, and the record, which continues an earlier one."""
    before = record_text(project)
    files = read_record(before)
    texts: Texts = {}
    for edit in edits:
        entry = files.setdefault(edit.path.as_posix(), {"made": edit.before is None, "pieces": []})
        entry["pieces"] += edit.pieces
        texts[edit.path] = (edit.before, edit.text)
    record = json.dumps({"version": 1, "files": files}, indent=2, ensure_ascii=False) + "\n"
    return {**texts, RECORD: (before, record)}


def record_text(project: RasaProject) -> str | None:
    """Return the record as it is; None if there is none."""
    return project.edit(RECORD).before


def read_record(text: str | None) -> dict[str, Any]:
    """Return what init added, by file: ``made``, whether init created the file, and the ``pieces``.

    Raises:
        AdoptionRefused: the record is damaged.
    """
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
