"""Writes several files, or none of them."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from rasa_autoplay.errors import AdoptionRefused

__all__ = ["replace_files"]


def replace_files(folder: Path, texts: Mapping[Path, tuple[str | None, str | None]]) -> None:
    """Replace the texts of several files.

    The new texts are first written to files next to the old ones, so that a full disk or a locked folder
    fails before anything changes. Then each new file replaces the old one. If that fails, all old texts are
    restored.

    Args:
        folder: the folder that the paths are relative to.
        texts: by path, the old and the new text; None stands for no file.

    Raises:
        AdoptionRefused: a file was changed meanwhile or cannot be written; nothing has changed.
    """
    _check_unchanged(folder, texts)
    created_folders: list[Path] = []
    temporary_files: dict[Path, Path] = {}
    replaced: list[Path] = []
    try:
        for path, (_, text) in texts.items():
            if text is not None:
                temporary_files[path] = _write_temporary((folder / path).resolve(), text, created_folders)
        for path, (_, text) in texts.items():
            target = (folder / path).resolve()
            replaced.append(path)
            if text is None:
                target.unlink()
            else:
                os.replace(temporary_files[path], target)
                del temporary_files[path]
    except OSError as problem:
        for path in replaced:
            _restore((folder / path).resolve(), texts[path][0])
        for temporary in temporary_files.values():
            temporary.unlink(missing_ok=True)
        _remove_empty(reversed(created_folders))
        raise AdoptionRefused(
            f"{problem.filename}: cannot be written: {problem.strerror}. Nothing was changed."
        ) from None
    gone = {(folder / path).parent for path, (_, text) in texts.items() if text is None}
    _remove_empty(place for place in sorted(gone, reverse=True) if place.resolve() != folder.resolve())


def _check_unchanged(folder: Path, texts: Mapping[Path, tuple[str | None, str | None]]) -> None:
    for path, (before, _) in texts.items():
        file = folder / path
        now = file.read_bytes() if file.exists() else None
        if now != (None if before is None else before.encode("utf-8")):
            raise AdoptionRefused(
                f"{path} was changed meanwhile. Nothing was written.", remedy="Run the command again."
            )


def _write_temporary(target: Path, text: str, created_folders: list[Path]) -> Path:
    """Write a text to a file in the target's folder, and add the folders that it creates to the list."""
    missing = [place for place in (target.parent, *target.parents) if not place.exists()]
    for place in sorted(set(missing)):
        place.mkdir()
        created_folders.append(place)
    temporary = target.with_name(f".{target.name}.autoplay-new")
    try:
        with open(temporary, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _restore(target: Path, before: str | None) -> None:
    if before is None:
        target.unlink(missing_ok=True)
    else:
        target.write_bytes(before.encode("utf-8"))


def _remove_empty(folders: Iterable[Path]) -> None:
    for place in folders:
        with contextlib.suppress(OSError):  # the folder is not empty
            place.rmdir()
