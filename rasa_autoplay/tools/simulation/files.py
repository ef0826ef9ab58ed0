"""Finds the files of recordings, and reads their lines, or a whole file that is one JSON document."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import msgspec

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation.formats.other_files import READABLE

__all__ = ["MAX_LINE_BYTES", "Piece", "find_files", "head_of", "pieces_of"]

#: A line longer than this is neither a batch nor a request.
MAX_LINE_BYTES = 16 * 1024 * 1024
#: The largest JSON document: a HAR with the pictures of an hour is smaller.
_MAX_DOCUMENT_BYTES = 512 * 1024 * 1024
_HEAD_BYTES = 65_536
#: Each folder of a proposal has this file.
_PROPOSED = "trigger.yml"
_BOM = b"\xef\xbb\xbf"
_raw = msgspec.json.Decoder(msgspec.Raw)


class Piece(NamedTuple):
    """One line of a file, or all of it if it is one JSON document over several lines.

    Args:
        line: the number of its first line, from 1.
        text: without the line ending; empty if the line is too long.
        ends_at: how many bytes of the (possibly compressed) file have been read.
    """

    line: int
    text: bytes
    ends_at: int


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files to read, each once.

    Those in a folder and its subfolders are sorted by name; hidden ones and those of proposals, are left out.

    Raises:
        UnusableRecording: a path does not exist, or a folder contains no file.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise UnusableRecording(f"{path}: there is no such file or folder.", remedy=READABLE)
        for file in _below(path) if path.is_dir() else [path]:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def _below(folder: Path) -> list[Path]:
    files = [file for file in folder.rglob("*") if file.is_file() and not _is_hidden(file, folder)]
    # What discover has written among the recordings is no recording.
    proposals = {file.parent for file in files if file.name == _PROPOSED}
    found = sorted(file for file in files if file.parent not in proposals)
    if not found:
        raise UnusableRecording(f"{folder}: the folder contains no file.", remedy=READABLE)
    return found


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def head_of(file: Path) -> bytes:
    """Return the beginning of a file's unpacked content.

    Raises:
        UnusableRecording: the file cannot be read, or is damaged gzip.
    """
    with _opened(file) as (content, _):
        return content.read(_HEAD_BYTES)


def pieces_of(file: Path) -> Iterator[Piece]:
    """Yield a file's lines that are not empty; or the whole file, if it is one JSON document.

    Raises:
        UnusableRecording: the file cannot be read, is damaged gzip, or is too large a document.
    """
    with _opened(file) as (content, on_disk):
        lines = _lines(content, on_disk)
        first, second = next(lines, None), next(lines, None)
        if first is None:
            return
        if _is_document(first, second):
            yield _document(file, first.line)
            return
        yield first
        if second is not None:
            yield second
            yield from lines


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a file: its content, unpacked if it is gzip, and the file itself."""
    try:
        with file.open("rb") as on_disk:
            is_gzip = on_disk.peek(2)[:2] == b"\x1f\x8b"
            yield cast(BinaryIO, gzip.GzipFile(fileobj=on_disk)) if is_gzip else on_disk, on_disk
    except (OSError, EOFError, zlib.error) as problem:
        reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise UnusableRecording(f"{file}: cannot be read: {reason}.", remedy=_remedy(problem)) from None


def _remedy(problem: Exception) -> str:
    if isinstance(problem, EOFError):
        return "It is incomplete: wait until it is written, copy it again, or leave it out."
    if getattr(problem, "strerror", None):
        return "Make it readable, or leave it out."
    return "It is damaged: copy it again, or leave it out."


def _is_document(first: Piece, second: Piece | None) -> bool:
    """Whether a JSON value begins in the first line and ends in a later one."""
    if not first.text:
        return True  # a long line is a document without line breaks, if anything
    is_begun = first.text[:1] in (b"{", b"[") and not _is_complete(first.text)
    return is_begun and second is not None and not (second.text[:1] == b"{" and _is_complete(second.text))


def _is_complete(text: bytes) -> bool:
    try:
        _raw.decode(text)
    except msgspec.DecodeError:
        return False
    except RecursionError:
        pass
    return True


def _document(file: Path, line: int) -> Piece:
    with _opened(file) as (content, on_disk):
        text = content.read(_MAX_DOCUMENT_BYTES + 1)
        if len(text) > _MAX_DOCUMENT_BYTES:
            raise UnusableRecording(
                f"{file}: the file has more than {_MAX_DOCUMENT_BYTES >> 20} MB.",
                remedy="Record a shorter time, or export only the requests to the capture route.",
            )
        return Piece(line, text.removeprefix(_BOM).strip(), on_disk.tell())


def _lines(content: BinaryIO, on_disk: BinaryIO) -> Iterator[Piece]:
    number, at_line_start = 0, True
    while text := content.readline(MAX_LINE_BYTES):
        complete = text.endswith(b"\n") or len(text) < MAX_LINE_BYTES
        if at_line_start:
            number += 1
            if number == 1:
                text = text.removeprefix(_BOM)
            text = text.strip() if complete else b""
            if text or not complete:
                yield Piece(number, text, on_disk.tell())
        at_line_start = complete
