"""Finds the files of recordings, and reads their lines."""

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
    "Name files with one JSON object per line: batches as the Autoplay connector sends them, or recorded "
    f"requests of posthog-js. In a folder, files that end in {', '.join(_SUFFIXES)} are read."
)
#: A line longer than this is neither a batch nor a request.
_MAX_LINE_BYTES = 16 * 1024 * 1024


class Line(NamedTuple):
    """One line of a recording.

    Args:
        file: the path as the user named it, or a file below a named folder.
        number: the line's number, from 1.
        text: the line without its line ending; empty if it is too long.
        ends_at: how many bytes of the (possibly compressed) file have been read.
    """

    file: Path
    number: int
    text: bytes
    ends_at: int


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files of recordings, each once; those in a folder and its subfolders are sorted by name.

    Raises:
        UnusableRecording: a path does not exist, or a folder contains no recording.
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
        raise UnusableRecording(f"{folder}: the folder contains no recording.", remedy=_REMEDY)
    return found


def lines_of(file: Path) -> Iterator[Line]:
    """Yield a file's lines that are not empty. gzip files are recognized by their content.

    Raises:
        UnusableRecording: the file cannot be read, or is damaged gzip.
    """
    try:
        with file.open("rb") as on_disk:
            is_gzip = on_disk.peek(2)[:2] == b"\x1f\x8b"
            content = cast(BinaryIO, gzip.GzipFile(fileobj=on_disk)) if is_gzip else on_disk
            yield from _lines(file, content, on_disk)
    except (OSError, EOFError, zlib.error) as problem:
        reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise UnusableRecording(f"{file}: cannot be read: {reason}.") from None


def _lines(file: Path, content: BinaryIO, on_disk: BinaryIO) -> Iterator[Line]:
    number, at_line_start = 0, True
    while text := content.readline(_MAX_LINE_BYTES):
        complete = text.endswith(b"\n") or len(text) < _MAX_LINE_BYTES
        if at_line_start:
            number += 1
            text = text.strip() if complete else b""
            if text or not complete:
                yield Line(file, number, text, on_disk.tell())
        at_line_start = complete
