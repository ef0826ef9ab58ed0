"""The journal keeps accepted events on disk until the engine or Redis has received them.

If the process is killed, nothing that it has written is lost, because the operating system has it. The
journal does not sync to the disk: if the machine loses power, the last seconds may be lost.

A folder contains files of records, each ``<length: 4 bytes><CRC-32: 4 bytes><event as JSON>``. A file belongs
to the process that holds its lock. The next process that starts reads the files of a process that died. When
all events of a file are received, its content is deleted.
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
#: The number of files in a full journal; each file is deleted as a whole.
_FILES = 8
#: How long to wait after a failed write before the next one.
_RETRY_S = 1.0
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


class _File:
    """One file, locked by this process, and the number of its events that are not received yet."""

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
        """Release the lock; the next process reads the content."""
        os.close(self._fd)

    def delete(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()
        self.close()


class EventJournal:
    """Stores events until they are released.

    A disk failure raises no exception: ``append`` returns whether the event is safe.

    Args:
        folder: created if it is missing, readable by this user only.
        max_bytes: limit of all files of this process.
        clock: monotonic seconds.
    """

    def __init__(self, folder: Path, max_bytes: int, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock
        self._current: _File | None = None
        #: Files that are full, or were written by an earlier process.
        self._others: set[_File] = set()
        #: By the identity of each event that is not released.
        self._file_of: dict[int, _File] = {}
        self._retry_at = 0.0
        self._counts: Counter[str] = Counter()
        self.problem = ""

    def recover(self) -> list[Event]:
        """Read the events of processes that died, in the order of their files.

        The caller sends each event again and then releases it, as if it had been appended.
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
            return  # another process holds the lock
        events = list(self._decoded(content))
        self._counts["recovered"] += len(events)
        if not events:
            file.delete()
            return
        self._others.add(file)
        for event in events:
            self._track(event, file)
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
                # A process that was killed while writing leaves half a record. The rest cannot be read.
                self._counts["damaged"] += 1
                logger.warning("A journal file ends with a damaged record, which is skipped.")
                return
            yield event
            place += _HEADER.size + length

    def append(self, event: Event) -> bool:
        """Write an event; False if it is not safe, because the journal is full or the disk fails."""
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
        self._track(event, file)
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

    def _track(self, event: Event, file: _File) -> None:
        self._file_of[id(event)] = file
        file.pending += 1

    def release(self, event: Event) -> None:
        """Drop an event that the journal no longer needs to keep."""
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
        """Close all files; the next process reads the events that are not released."""
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
                f"{self.problem}: make journal.folder in credentials.yml writable. Until then, requests wait "
                "until the engine or Redis has received their events."
            )
        return health


def _lock(fd: int) -> None:
    """Lock a file until this process ends.

    Raises:
        OSError: another process holds the lock, or the system has no such locks.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        raise OSError(38, "this system has no file locks") from None
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
