"""Reads recordings in parts of files, each by one process, in a fixed order.

The parts depend only on the files, not on the number of processes, so that the result is always the same.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation.files import find_files, head_of
from rasa_autoplay.tools.simulation.formats.batches import read_regular_batch
from rasa_autoplay.tools.simulation.formats.entry import WrongKind
from rasa_autoplay.tools.simulation.formats.json_objects import entries_of
from rasa_autoplay.tools.simulation.recordings import RecordingReader

__all__ = ["Span", "each_span", "read_span", "spans_of"]

_ResultT = TypeVar("_ResultT")

#: Files of regular batches are read in parts of this size (bytes): a part in memory is small, and processes
#: finish at about the same time.
_PART_BYTES = 8 * 1024 * 1024
#: Less than this is read faster than another process starts.
_MIN_BYTES_FOR_PROCESSES = 2 * _PART_BYTES
#: How many parts of each process may be read before the first of them is joined.
_AHEAD = 2


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
    number = min(processes or os.cpu_count() or 1, len(spans))
    if number == 1 or sum(span.size for span in spans) < _MIN_BYTES_FOR_PROCESSES:
        yield from map(read, spans)
        return
    waiting: deque[Future[_ResultT]] = deque()
    with ProcessPoolExecutor(number, multiprocessing.get_context("spawn")) as pool:
        try:
            for span in spans:
                waiting.append(pool.submit(read, span))
                if len(waiting) > _AHEAD * number:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # Its threads must have ended before later work can fork.
            pool.shutdown(cancel_futures=True)


def read_span(reader: RecordingReader, span: Span) -> str:
    """Read one part; returns what the file is, if it is no recording."""
    try:
        if span.ends_at is None:
            reader.read(span.file, int)
        else:
            _read_lines(reader, span.file, span.begins_at, span.ends_at)
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
    if size <= _PART_BYTES or not _has_only_batches(file):
        return [Span(file, 0, None, size)]
    begins = range(0, size, _PART_BYTES)
    return [Span(file, at, min(at + _PART_BYTES, size), min(_PART_BYTES, size - at)) for at in begins]


def _has_only_batches(file: Path) -> bool:
    """Whether a file begins with regular batches; other formats must be read from the beginning."""
    with file.open("rb") as content:
        if content.read(2) == b"\x1f\x8b":
            return False
    lines = head_of(file).splitlines()[:-1]
    return bool(lines) and all(read_regular_batch(line) is not None for line in lines if line.strip())


def _read_lines(reader: RecordingReader, file: Path, begins_at: int, ends_at: int) -> None:
    """Read the lines that begin in these bytes."""
    try:
        with file.open("rb") as content:
            if begins_at:
                content.seek(begins_at - 1)
                content.readline()
            while content.tell() < ends_at and (line := content.readline()):
                if text := line.strip():
                    # The number of the line is not known, and only counts are shown.
                    for entry in entries_of(text, 0, file):
                        reader.accept(file, entry)
    except OSError as problem:
        raise UnusableRecording(f"{file}: cannot be read: {problem.strerror}.") from None
