"""Files of events on disk, which survive the process.

A file contains records, each ``<length: 4 bytes><CRC-32: 4 bytes><event as JSON>``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import struct
import zlib
from pathlib import Path

import msgspec

from rasa_autoplay.link.messages import Event

__all__ = ["SUFFIX", "JournalFile", "decode_records", "encode_record"]

logger = logging.getLogger(__name__)

SUFFIX = ".journal"
_HEADER = struct.Struct("<II")
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def encode_record(event: Event) -> bytes:
    """Return the record of an event."""
    content = _encoder.encode(event)
    return _HEADER.pack(len(content), zlib.crc32(content)) + content


def decode_records(content: bytes) -> tuple[list[Event], bool]:
    """Return the events of a file, and whether a damaged record ends it.

    A process that was killed while writing leaves half a record. The rest cannot be read.
    """
    events: list[Event] = []
    place = 0
    while place < len(content):
        try:
            length, checksum = _HEADER.unpack_from(content, place)
            record = content[place + _HEADER.size : place + _HEADER.size + length]
            if len(record) != length or zlib.crc32(record) != checksum:
                raise ValueError
            events.append(_decoder.decode(record))
        except (struct.error, ValueError, msgspec.DecodeError):
            logger.warning("A journal file ends with a damaged record, which is skipped.")
            return events, True
        place += _HEADER.size + length
    return events, False


class JournalFile:
    """One file of events, locked by this process.

    Args:
        path: the file.
        is_new: create it; otherwise it must exist.

    Raises:
        OSError: it cannot be opened, or another process has locked it.
    """

    def __init__(self, path: Path, *, is_new: bool) -> None:
        flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if is_new else 0)
        self.path = path
        #: For the owner to count; a file without pending events is not needed.
        self.pending = 0
        self._fd = os.open(path, flags, 0o600)
        try:
            _lock(self._fd)
            self.size = os.fstat(self._fd).st_size
        except BaseException:
            os.close(self._fd)
            raise

    @classmethod
    def create(cls, folder: Path) -> JournalFile:
        """Create a file in a folder, which is created if it is missing.

        Raises:
            OSError: that is impossible.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder / f"{os.getpid()}-{secrets.token_hex(8)}{SUFFIX}", is_new=True)

    def append(self, record: bytes) -> None:
        """Write a record, or nothing; raises ``OSError``."""
        written = os.write(self._fd, record)
        if written != len(record):
            os.ftruncate(self._fd, self.size)
            raise OSError(28, "the disk is full")
        self.size += written

    def read(self) -> bytes:
        """Return the whole content."""
        with open(os.dup(self._fd), "rb") as file:
            file.seek(0)
            return file.read()

    def clear(self) -> None:
        """Delete the content."""
        os.ftruncate(self._fd, 0)
        self.size = 0

    def close(self) -> None:
        """Release the lock; the next process reads the content."""
        os.close(self._fd)

    def delete(self) -> None:
        """Delete the file and release the lock."""
        with contextlib.suppress(OSError):
            self.path.unlink()
        self.close()


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
