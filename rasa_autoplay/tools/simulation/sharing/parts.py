"""Divides files of regular batches into parts, which processes read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation.files import head_of
from rasa_autoplay.tools.simulation.formats.batches import read_regular_batch
from rasa_autoplay.tools.simulation.formats.json_objects import has_json
from rasa_autoplay.tools.simulation.formats.other_files import wrong_bytes

__all__ = ["Line", "Part", "lines_of", "parts_of"]

#: A part in memory is small, and processes finish at about the same time.
_PART_BYTES = 4 * 1024 * 1024


class Part(NamedTuple):
    """All lines of a file that begin in these bytes."""

    file: Path
    begins_at: int
    ends_at: int


class Line(NamedTuple):
    """One line of a file.

    Args:
        begins_at: its first byte in the file.
        text: without its line ending; it may be longer than a line of a recording can be.
    """

    begins_at: int
    text: bytes


def parts_of(file: Path) -> list[Part]:
    """Return the parts of a file of regular batches; empty if the file must be read from the beginning.

    Raises:
        UnusableRecording: the file cannot be read.
    """
    try:
        size = file.stat().st_size
        if not _has_only_batches(file):
            return []
    except OSError as problem:
        raise _unreadable(file, problem) from None
    return [Part(file, at, min(at + _PART_BYTES, size)) for at in range(0, size, _PART_BYTES)]


def _has_only_batches(file: Path) -> bool:
    """Whether a file begins with regular batches."""
    with file.open("rb") as content:
        if content.read(2) == b"\x1f\x8b":
            return False
    head = head_of(file)
    if wrong_bytes(head, file) or not has_json(head):
        return False
    lines = [line for line in head.split(b"\n")[:-1] if line.strip()]
    return bool(lines) and all(read_regular_batch(line) is not None for line in lines)


def lines_of(part: Part) -> Iterator[Line]:
    """Yield the lines of a part, also the empty ones.

    Raises:
        UnusableRecording: the file cannot be read.
    """
    try:
        at, text = _read(part)
    except OSError as problem:
        raise _unreadable(part.file, problem) from None
    lines = text.split(b"\n")
    last = lines.pop()
    for line in lines:
        yield Line(at, line)
        at += len(line) + 1
    if last:
        yield Line(at, last)


def _read(part: Part) -> tuple[int, bytes]:
    """Return where the first line of a part begins, and its text up to the end of its last line."""
    with part.file.open("rb") as content:
        at = part.begins_at
        if at:
            content.seek(at - 1)
            at += len(content.readline()) - 1
        if at >= part.ends_at:
            return at, b""
        text = content.read(part.ends_at - at)
        return at, text if text.endswith(b"\n") else text + content.readline()


def _unreadable(file: Path, problem: OSError) -> UnusableRecording:
    return UnusableRecording(f"{file}: cannot be read: {problem.strerror}.")
