"""Reads recordings in parts of files, each by one process, in a fixed order.

The parts depend only on the files, not on the number of processes, so that the result is always the same.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from rasa_autoplay.common.runtime.processes import usable_cores
from rasa_autoplay.common.runtime.streamed_processes import each_in_processes
from rasa_autoplay.errors import MalformedEvent, UnusableRecording
from rasa_autoplay.tools.simulation.files import find_files, head_of
from rasa_autoplay.tools.simulation.formats.entry import Entry, WrongKind
from rasa_autoplay.tools.simulation.formats.json_objects import entries_of
from rasa_autoplay.tools.simulation.recordings import RecordingReader

__all__ = ["Span", "each_span", "read_span", "spans_of"]

_ResultT = TypeVar("_ResultT")

#: Files of regular batches are read in parts of this size (bytes): a part in memory is small, and processes
#: finish at about the same time.
_PART_BYTES = 8 * 1024 * 1024
#: Less than this is read faster than another process starts.
_MIN_BYTES_FOR_PROCESSES = 2 * _PART_BYTES


class Span(NamedTuple):
    """A part of a file: all lines that begin in these bytes; the whole file if ``ends_at`` is None."""

    file: Path
    begins_at: int
    ends_at: int | None
    size: int


def spans_of(paths: Sequence[Path]) -> list[Span]:
    """Return the parts of files and folders, in an order that does not depend on the order of the paths.

    Raises:
        UnusableRecording: a path cannot be read.
    """
    return [span for file in sorted(find_files(paths)) for span in _spans_of(file)]


def each_span(spans: Sequence[Span], processes: int, read: Callable[[Span], _ResultT]) -> Iterator[_ResultT]:
    """Yield what a function returns for each part, in order.

    Args:
        spans: the parts.
        processes: how many processes read; 0 for one on each core.
        read: reads one part; it is sent to other processes.
    """
    number = min(processes or usable_cores(), len(spans))
    if number == 1 or sum(span.size for span in spans) < _MIN_BYTES_FOR_PROCESSES:
        yield from map(read, spans)
        return
    yield from each_in_processes(read, spans, number)


def read_span(reader: RecordingReader, span: Span, sessions: Container[str] | None = None) -> str:
    """Read one part; returns what the file is, if it is no recording.

    Args:
        reader: reads the lines.
        span: the part.
        sessions: ids of sessions; batches of others may be left out. None for all sessions.
    """
    try:
        if span.ends_at is None:
            reader.read(span.file, int)
        else:
            _read_lines(reader, span, sessions)
    except WrongKind as problem:
        return f"{span.file}: this is {problem.what}."
    finally:
        reader.finish()
    return ""


def _spans_of(file: Path) -> list[Span]:
    try:
        size = file.stat().st_size
    except OSError as problem:
        raise UnusableRecording(f"{file}: cannot be read: {problem.strerror}.") from None
    if not _has_only_batches(file):
        return [Span(file, 0, None, size)]
    begins = range(0, size, _PART_BYTES)
    return [Span(file, at, min(at + _PART_BYTES, size), min(_PART_BYTES, size - at)) for at in begins]


def _has_only_batches(file: Path) -> bool:
    """Whether a file begins with batches, one a line; other formats must be read from the beginning."""
    lines = head_of(file).splitlines()[:-1]
    with file.open("rb") as content:
        if content.read(2) == b"\x1f\x8b":
            return False
    return bool(lines) and all(_session_of(line) is not None for line in lines if line.strip())


class _Batch(msgspec.Struct, tag_field="type", tag="actions"):
    """What must be known of a batch to leave it out; decoding all of it takes ten times as long."""

    session_id: str
    actions: list[msgspec.Raw]


_batches = msgspec.json.Decoder(_Batch)


def _session_of(line: bytes) -> str | None:
    """Return the session of a batch of actions; None if the line is anything else."""
    try:
        return _batches.decode(line).session_id.strip() or None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _read_lines(reader: RecordingReader, span: Span, sessions: Container[str] | None) -> None:
    """Read the lines that begin in a part."""
    try:
        with span.file.open("rb") as content:
            if span.begins_at:
                content.seek(span.begins_at - 1)
                content.readline()
            while content.tell() < (span.ends_at or 0) and (line := content.readline()):
                text = line.strip()
                if text and not (sessions is not None and _is_of_other(text, sessions)):
                    _read_line(reader, span.file, text)
    except OSError as problem:
        raise UnusableRecording(f"{span.file}: cannot be read: {problem.strerror}.") from None


def _is_of_other(line: bytes, sessions: Container[str]) -> bool:
    session = _session_of(line)
    return session is not None and session not in sessions


def _read_line(reader: RecordingReader, file: Path, text: bytes) -> None:
    # The number of the line is not known, and only counts are shown.
    try:
        for entry in entries_of(text, 0, file):
            reader.accept(file, entry)
    except WrongKind as other:
        reader.accept(file, Entry(0, MalformedEvent(f"it is {other.what}")))
