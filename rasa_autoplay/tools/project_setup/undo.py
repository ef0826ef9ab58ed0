"""Takes out what init added, also from files that people have edited since."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.tools.project_setup.lines import lines_of
from rasa_autoplay.tools.project_setup.plan import ENGINE_FILE, GOLDEN_PATH
from rasa_autoplay.tools.project_setup.project import RasaProject
from rasa_autoplay.tools.project_setup.record import RECORD, Texts, read_record, record_text
from rasa_autoplay.tools.project_setup.separation import Separation, separate

__all__ = ["Undo", "plan_undo"]

#: They do nothing without the copilot's channel: they can stay, and do if one of them was edited.
_HARMLESS = (ENGINE_FILE, GOLDEN_PATH)
_MOST_NAMED = 6


@dataclass(frozen=True)
class Undo:
    """What an undo does.

    Args:
        texts: the files to write or to remove, the record among them.
        kept: files that init created and that stay, because people have edited one of them.
        edits: the places of edited lines that would be lost, such as ``credentials.yml:14``.
        ours: by file, the words of the lines that init wrote.
    """

    texts: Texts
    kept: tuple[Path, ...]
    edits: tuple[str, ...]
    ours: Mapping[Path, frozenset[str]]

    def refuse_to_lose_edits(self) -> None:
        """Raise if edits would be lost.

        Raises:
            AdoptionRefused: with the place of each edit.
        """
        if self.edits:
            said = (
                "Nothing was changed. You have edited lines that init had added. These edits would be lost:"
            )
            raise AdoptionRefused(
                "\n".join([said, *self.edits]),
                remedy="\nSave what you need. Then run `rasa-autoplay init --undo --discard-edits`: it shows "
                "the diff, asks, and removes these lines too.",
            )


def plan_undo(project: RasaProject) -> Undo:
    """Plan to remove everything that init added.

    Everything that people have written outside of it stays, byte for byte.

    Args:
        project: the project, which is not changed.

    Raises:
        AdoptionRefused: there is no record, or it is damaged; or what is left of a file would be broken.
    """
    before = record_text(project)
    if before is None:
        raise AdoptionRefused(f"There is no {RECORD} here, so init has nothing to undo.")
    files = {Path(name): entry for name, entry in read_record(before).items()}
    kept = _kept(project, files)
    texts: Texts = {}
    edits: list[str] = []
    ours: dict[Path, frozenset[str]] = {}
    for path, entry in files.items():
        text = project.edit(path).before
        if text is None or path in kept:
            continue
        parts = separate(text, entry["pieces"])
        edits += _places(path.as_posix(), text, parts)
        ours[path] = parts.ours
        texts[path] = (text, _rest(path, text, parts, entry))
    return Undo({**texts, RECORD: (before, None)}, kept, tuple(edits), ours)


def _kept(project: RasaProject, files: Mapping[Path, Mapping[str, Any]]) -> tuple[Path, ...]:
    """Return the harmless files that init created, if people have edited one of them."""
    made = {path: entry["pieces"] for path, entry in files.items() if path in _HARMLESS and entry["made"]}
    texts = {path: text for path in made if (text := project.edit(path).before) is not None}
    is_edited = any(not _is_as_init_left_it(text, made[path]) for path, text in texts.items())
    return tuple(texts) if is_edited else ()


def _is_as_init_left_it(text: str, pieces: Sequence[str]) -> bool:
    now, then = ([line.words for line in lines_of(each.strip())] for each in (text, "".join(pieces)))
    return now == then


def _places(name: str, text: str, parts: Separation) -> list[str]:
    """Name the edited lines; only their keys, because the file can hold secrets."""
    lines = lines_of(text)
    named = [f"{name}:{number}: {_key(lines[number - 1].words)}" for number in parts.edited[:_MOST_NAMED]]
    more = len(parts.edited) - len(named)
    return [*named, f"{name}: and {more} more lines"] if more else named


def _key(words: str) -> str:
    key, colon, value = words.partition(":")
    return f"{key}{colon} …" if colon and value else words if colon else "a line of yours"


def _rest(path: Path, text: str, parts: Separation, entry: Mapping[str, Any]) -> str | None:
    """Return the text that stays; None to remove the file.

    Raises:
        AdoptionRefused: the file was valid, and what stays is not.
    """
    if entry["made"] and not parts.rest.strip():
        return None
    if _is_valid(path, text) and not _is_valid(path, parts.rest):
        raise AdoptionRefused(
            f"{path}: without what init added, the file would no longer be valid. Nothing was changed.",
            remedy=f"Remove by hand what init added there ({RECORD} has it), then run --undo again.",
        )
    return parts.rest


def _is_valid(path: Path, text: str) -> bool:
    try:
        if path.suffix == ".py":
            ast.parse(text.removeprefix("\ufeff"))
        else:
            YAML().compose(text)
    except (SyntaxError, ValueError, YAMLError):
        return False
    return True
