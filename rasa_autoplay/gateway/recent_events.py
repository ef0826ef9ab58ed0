"""Keeps recent events on disk for an engine that ends together with the gateway.

An engine in another process gets the recent window again after its restart, from the gateway's memory. An
engine in the Rasa server's process ends with that memory, so the window is on disk.
"""

from __future__ import annotations

import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa_autoplay.events.models import UsertourTrigger
from rasa_autoplay.gateway.journal_file import SUFFIX, JournalFile, decode_records, encode_record
from rasa_autoplay.link.messages import Event

__all__ = ["RecentEvents"]

logger = logging.getLogger(__name__)

#: A window is stored in about this many files; each is deleted as a whole.
_FILES = 8


@dataclass
class _Period:
    """A file with the events of some time.

    Args:
        file: the file.
        begun_at: when it was begun, epoch seconds.
        ended_at: when its last event was received, epoch seconds.
    """

    file: JournalFile
    begun_at: float
    ended_at: float


class RecentEvents:
    """Stores received events for as long as the engine's triggers look back.

    A disk failure raises no exception: the next process then begins without these events.

    Args:
        folder: created if it is missing, readable by this user only.
        window_s: how long events are needed.
        max_bytes: limit of all files; beyond it, the oldest are deleted.
        clock: epoch seconds, to compare with the files' own times.
    """

    def __init__(self, folder: Path, window_s: float, max_bytes: int, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._window_s = window_s
        self._max_bytes = max_bytes
        self._clock = clock
        self._periods: deque[_Period] = deque()
        #: Whether the newest file is this process's own.
        self._is_writing = False
        self._counts: Counter[str] = Counter()
        self._problem = ""

    def recover(self) -> list[Event]:
        """Return the recent events of an earlier process, oldest file first, and delete older files."""
        try:
            paths = sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
            events = [event for path in paths for event in self._adopt(path)]
        except OSError as problem:
            self._failed(problem)
            return []
        self._counts["recovered"] += len(events)
        return events

    def _adopt(self, path: Path) -> Iterator[Event]:
        ended_at = path.stat().st_mtime
        file = JournalFile(path, is_new=False)
        self._periods.append(_Period(file, ended_at, ended_at))
        self._delete_old()
        if self._periods:
            yield from decode_records(file.read())[0]

    def append(self, event: Event) -> None:
        """Store an event that the engine has received."""
        # A restarted engine must not start a tour again.
        if isinstance(event.payload, UsertourTrigger):
            return
        now = self._clock()
        try:
            self._period(now).file.append(encode_record(event))
        except OSError as problem:
            self._failed(problem)
            return
        self._problem = ""
        self._periods[-1].ended_at = now
        self._delete_old()

    def _period(self, now: float) -> _Period:
        newest = self._periods[-1] if self._is_writing else None
        if (
            newest is None
            or now - newest.begun_at >= self._window_s / _FILES
            or newest.file.size >= self._max_bytes // _FILES
        ):
            newest = _Period(JournalFile.create(self._folder), now, now)
            self._periods.append(newest)
            self._is_writing = True
        return newest

    def _delete_old(self) -> None:
        oldest = self._clock() - self._window_s
        while self._periods and (self._periods[0].ended_at < oldest or self._bytes() > self._max_bytes):
            self._periods.popleft().file.delete()
        self._is_writing = self._is_writing and bool(self._periods)

    def _bytes(self) -> int:
        return sum(period.file.size for period in self._periods)

    def replace(self, events: Sequence[Event]) -> None:
        """Store these events only."""
        self.forget(lambda _event: True)
        for event in events:
            self.append(event)

    def forget(self, is_theirs: Callable[[Event], bool]) -> None:
        """Delete some events, because their user's data is deleted."""
        periods, self._periods, self._is_writing = list(self._periods), deque(), False
        try:
            for period in periods:
                self._rewrite(period, is_theirs)
        except OSError as problem:
            self._failed(problem)
        for period in periods:
            period.file.delete()

    def _rewrite(self, period: _Period, is_theirs: Callable[[Event], bool]) -> None:
        left = [event for event in decode_records(period.file.read())[0] if not is_theirs(event)]
        if not left:
            return
        file = JournalFile.create(self._folder)
        self._periods.append(_Period(file, period.begun_at, period.ended_at))
        file.append(b"".join(map(encode_record, left)))
        # A later process takes the time of the file for the time of its last event.
        os.utime(file.path, (period.ended_at, period.ended_at))

    def close(self) -> None:
        """Close the files; the next process reads them."""
        for period in self._periods:
            period.file.close()
        self._periods.clear()
        self._is_writing = False

    def _failed(self, problem: OSError) -> None:
        text = problem.strerror or type(problem).__name__
        if not self._problem:
            logger.warning("Recent events cannot be stored in %s: %s.", self._folder, text)
        self._counts["failed"] += 1
        self._problem = text

    def health(self) -> dict[str, Any]:
        """State and counts."""
        health: dict[str, Any] = {
            "state": "failed" if self._problem else "connected",
            "bytes": self._bytes(),
            **self._counts,
        }
        if self._problem:
            health["remedy"] = (
                f"{self._problem}: make journal.folder in credentials.yml writable. Until then, a restart "
                "loses the users' live sessions."
            )
        return health
