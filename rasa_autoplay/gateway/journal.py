"""The journal keeps accepted events on disk until the engine or Redis has received them.

If the process is killed, nothing that it has written is lost, because the operating system has it. The
journal does not sync to the disk: if the machine loses power, the last seconds may be lost.

A file belongs to the process that holds its lock. The next process that starts reads the files of a process
that died. When all events of a file are received, its content is deleted.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rasa_autoplay.gateway.journal_file import SUFFIX, JournalFile, decode_records, encode_record
from rasa_autoplay.link.messages import Event

__all__ = ["EventJournal"]

logger = logging.getLogger(__name__)

#: The number of files in a full journal; each file is deleted as a whole.
_FILES = 8
#: How long to wait after a failed write before the next one.
_RETRY_S = 1.0


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
        self._current: JournalFile | None = None
        #: Files that are full, or were written by an earlier process.
        self._others: set[JournalFile] = set()
        #: By the identity of each event that is not released.
        self._file_of: dict[int, tuple[Event, JournalFile]] = {}
        self._retry_at = 0.0
        self._counts: Counter[str] = Counter()
        self.problem = ""

    def recover(self) -> list[Event]:
        """Read the events of processes that died, in the order of their files.

        The caller sends each event again and then releases it, as if it had been appended.
        """
        try:
            paths = sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
        except OSError as problem:
            self._failed(problem)
            return []
        return [event for path in paths for event in self._adopt(path)]

    def _adopt(self, path: Path) -> Iterator[Event]:
        try:
            file = JournalFile(path, is_new=False)
            content = file.read()
        except OSError:
            return  # another process holds the lock
        events, is_damaged = decode_records(content)
        if is_damaged:
            self._counts["damaged"] += 1
        self._counts["recovered"] += len(events)
        if not events:
            file.delete()
            return
        self._others.add(file)
        for event in events:
            self._track(event, file)
            yield event

    def append(self, event: Event) -> bool:
        """Write an event; False if it is not safe, because the journal is full or the disk fails."""
        if self.problem and self._clock() < self._retry_at:
            return False
        record = encode_record(event)
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

    def _writable(self) -> JournalFile:
        if self._current is not None and self._current.size >= self._max_bytes // _FILES:
            self._others.add(self._current)
            self._current = None
        if self._current is None:
            self._current = JournalFile.create(self._folder)
        return self._current

    def _track(self, event: Event, file: JournalFile) -> None:
        self._file_of[id(event)] = event, file
        file.pending += 1

    def release(self, event: Event) -> None:
        """Drop an event that the journal no longer needs to keep."""
        known = self._file_of.pop(id(event), None)
        if known is None:
            return
        file = known[1]
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

    def rewrite(self) -> None:
        """Write the events that are not released into new files, because other content must not stay.

        The files also have the events that were released since they were begun.
        """
        files = [*self._others, *([self._current] if self._current else [])]
        self._current, self._others = None, set()
        pending, self._file_of = self._file_of, {}
        for event, _ in pending.values():
            if not self.append(event):
                logger.warning("An event that waits for the engine is no longer in the journal.")
        for file in files:
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
            "max_bytes": self._max_bytes,
            **self._counts,
        }
        if self.problem:
            health["remedy"] = (
                f"{self.problem}: make journal.folder in credentials.yml writable. Until then, requests wait "
                "until the engine or Redis has received their events."
            )
        return health
