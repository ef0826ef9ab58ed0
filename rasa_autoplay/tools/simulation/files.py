"""Which files hold recordings, and their lines with the place of each."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from rasa_autoplay.errors import UnusableRecording

__all__ = ["Line", "find_files", "lines_of"]

_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_REMEDY = (
    "Give files of one JSON object a line: batches as the Autoplay connector sends them, or requests of "
    f"posthog-js as they were recorded; in a folder, those that end in {', '.join(_SUFFIXES)} are read."
)
#: A line longer than this is no batch and no request.
_MAX_LINE = 16 * 1024 * 1024


class Line(NamedTuple):
    """One line of a recording.

    Args:
        file: as the user named it, or below the folder that the user named.
        number: from 1.
        text: without the line's end; empty for a line that is too long to be read.
        ends_at: how many bytes of the file, as it lies on the disk, are read by now.
    """

    file: Path
    number: int
    text: bytes
    ends_at: int


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The recordings that are meant, each once; those of a folder and its subfolders in order of their names.

    Raises:
        UnusableRecording: a path does not exist, or a folder holds no recording.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise UnusableRecording(f"{path}: there is no such file or folder.", remedy=_REMEDY)
        for file in _below(path) if path.is_dir() else [path]:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def _below(folder: Path) -> list[Path]:
    found = sorted(f for f in folder.rglob("*") if f.is_file() and f.name.endswith(_SUFFIXES))
    if not found:
        raise UnusableRecording(f"{folder}: the folder holds no recording.", remedy=_REMEDY)
    return found


def lines_of(file: Path) -> Iterator[Line]:
    """The lines of a file, unpacked if it is gzip, whatever its name; empty ones are left out.

    Raises:
        UnusableRecording: the file cannot be read, or is damaged gzip.
    """
    try:
        with file.open("rb") as on_disk:
            packed = on_disk.peek(2)[:2] == b"\x1f\x8b"
            content = cast(BinaryIO, gzip.GzipFile(fileobj=on_disk)) if packed else on_disk
            yield from _lines(file, content, on_disk)
    except (OSError, EOFError, zlib.error) as problem:
        reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise UnusableRecording(f"{file}: cannot be read: {reason}.") from None


def _lines(file: Path, content: BinaryIO, on_disk: BinaryIO) -> Iterator[Line]:
    number, whole = 0, True
    while text := content.readline(_MAX_LINE):
        complete = text.endswith(b"\n") or len(text) < _MAX_LINE
        if whole:
            number += 1
            text = text.strip() if complete else b""
            if text or not complete:
                yield Line(file, number, text, on_disk.tell())
        whole = complete
