"""The journal: events that the gateway has answered for, on disk until the engine or Redis has taken them.

A process that is killed loses nothing that it has written, since the operating system has it then. Nothing is
synchronised to the disk: a machine that loses its power may lose the last seconds.

A folder holds files of records, each ``<length: 4 bytes><CRC-32: 4 bytes><event as JSON>``. A file belongs to
the process that has it locked; what a dead process left behind is read by the next one that starts. Once all
of a file's events have been taken, its content is deleted.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.link.messages import Event

__all__ = ["EventJournal"]

logger = logging.getLogger(__name__)

_HEADER = struct.Struct("<II")
_SUFFIX = ".journal"
#: A journal is divided into so many files, each of which is deleted as a whole.
_FILES = 8
#: After a failed write, so long none is tried.
_RETRY_S = 1.0
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


class _File:
    """One file, locked by this process, and how many of its events have not been taken."""

    def __init__(self, path: Path, *, is_new: bool) -> None:
        flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if is_new else 0)
        self.path = path
        self.pending = 0
        self._fd = os.open(path, flags, 0o600)
        try:
            _lock(self._fd)
            self.size = os.fstat(self._fd).st_size
        except BaseException:
            os.close(self._fd)
            raise

    def append(self, record: bytes) -> None:
        written = os.write(self._fd, record)
        if written != len(record):
            os.ftruncate(self._fd, self.size)
            raise OSError(28, "the disk is full")
        self.size += written

    def read(self) -> bytes:
        with open(os.dup(self._fd), "rb") as file:
            file.seek(0)
            return file.read()

    def clear(self) -> None:
        os.ftruncate(self._fd, 0)
        self.size = 0

    def close(self) -> None:
        """Let go of it; what is in it is left to the next process."""
        os.close(self._fd)

    def delete(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()
        self.close()


class EventJournal:
    """Keeps events until they are released.

    Nothing here raises for a disk that fails: ``append`` says whether the event is safe.

    Args:
        folder: made when it is missing; only this user can read it.
        max_bytes: of all files that this process has.
        clock: seconds that never run backwards.
    """

    def __init__(self, folder: Path, max_bytes: int, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock
        self._current: _File | None = None
        #: Full, or left behind by another process.
        self._others: set[_File] = set()
        #: By the event's identity, as long as it waits.
        self._file_of: dict[int, _File] = {}
        self._retry_at = 0.0
        self._counts: Counter[str] = Counter()
        self.problem = ""

    def recover(self) -> list[Event]:
        """Read what dead processes left behind, in the order of their files.

        Each event is to be sent again and then released, as if it had been appended.
        """
        try:
            paths = sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        except OSError as problem:
            self._failed(problem)
            return []
        return [event for path in paths for event in self._adopt(path)]

    def _adopt(self, path: Path) -> Iterator[Event]:
        try:
            file = _File(path, is_new=False)
            content = file.read()
        except OSError:
            return  # another process has it
        events = list(self._decoded(content))
        self._counts["recovered"] += len(events)
        if not events:
            file.delete()
            return
        self._others.add(file)
        for event in events:
            self._keep(event, file)
            yield event

    def _decoded(self, content: bytes) -> Iterator[Event]:
        place = 0
        while place < len(content):
            try:
                length, checksum = _HEADER.unpack_from(content, place)
                record = content[place + _HEADER.size : place + _HEADER.size + length]
                if len(record) != length or zlib.crc32(record) != checksum:
                    raise ValueError
                event = _decoder.decode(record)
            except (struct.error, ValueError, msgspec.DecodeError):
                # A process that is killed while it writes leaves half a record. What follows cannot be read.
                self._counts["damaged"] += 1
                logger.warning("A file of the journal ends with a damaged record, which is left out.")
                return
            yield event
            place += _HEADER.size + length

    def append(self, event: Event) -> bool:
        """Write an event down; False when the journal is full or the disk fails, so that it is not safe."""
        if self.problem and self._clock() < self._retry_at:
            return False
        content = _encoder.encode(event)
        record = _HEADER.pack(len(content), zlib.crc32(content)) + content
        if self._bytes() + len(record) > self._max_bytes:
            self._counts["rejected_full"] += 1
            return False
        try:
            file = self._writable()
            file.append(record)
        except OSError as problem:
            self._failed(problem)
            return False
        self.problem = ""
        self._keep(event, file)
        return True

    def _bytes(self) -> int:
        return sum(file.size for file in self._others) + (self._current.size if self._current else 0)

    def _writable(self) -> _File:
        if self._current is not None and self._current.size >= self._max_bytes // _FILES:
            self._others.add(self._current)
            self._current = None
        if self._current is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{os.getpid()}-{secrets.token_hex(8)}{_SUFFIX}"
            self._current = _File(self._folder / name, is_new=True)
        return self._current

    def _keep(self, event: Event, file: _File) -> None:
        self._file_of[id(event)] = file
        file.pending += 1

    def release(self, event: Event) -> None:
        """The event is somebody else's to keep now."""
        file = self._file_of.pop(id(event), None)
        if file is None:
            return
        file.pending -= 1
        if file.pending:
            return
        if file is self._current:
            try:
                file.clear()
            except OSError as problem:
                self._failed(problem)
        else:
            self._others.discard(file)
            file.delete()

    def close(self) -> None:
        """End; what has not been released is left to the next process."""
        for file in [*self._others, *([self._current] if self._current else [])]:
            if file.pending:
                file.close()
            else:
                file.delete()
        self._others.clear()
        self._current = None
        self._file_of.clear()

    def _failed(self, problem: OSError) -> None:
        text = problem.strerror or type(problem).__name__
        if not self.problem:
            logger.warning("The journal in %s cannot be written: %s.", self._folder, text)
        self._counts["failed"] += 1
        self.problem = text
        self._retry_at = self._clock() + _RETRY_S

    def health(self) -> dict[str, Any]:
        """State and counts."""
        health: dict[str, Any] = {
            "state": "failed" if self.problem else "connected",
            "pending": len(self._file_of),
            "bytes": self._bytes(),
            **self._counts,
        }
        if self.problem:
            health["remedy"] = (
                f"{self.problem}: journal.folder in credentials.yml must be writable. Until then, events are "
                "answered once the engine or Redis has taken them."
            )
        return health


def _lock(fd: int) -> None:
    """Lock a file for as long as this process lives.

    Raises:
        OSError: another process has it, or the system has no such locks.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        raise OSError(38, "this system has no file locks") from None
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
