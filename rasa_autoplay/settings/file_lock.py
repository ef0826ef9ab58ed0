"""Locks a file or a folder, so that of several processes, or threads, one changes it at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["locked"]

_RETRY_S = 0.01
#: A lock that somebody else has. Other errors mean that this file system has no locks.
_BUSY = (errno.EAGAIN, errno.EACCES)


@contextlib.contextmanager
def locked(path: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock of a file or a folder. The system releases it if the process dies.

    Where the file system or the system has no such locks, the work goes on without one.

    Args:
        path: the file or folder; nothing is written to it.
        wait_s: how long to wait for others, in seconds.

    Raises:
        TimeoutError: somebody else still has the lock.
        OSError: the path cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        until = time.monotonic() + wait_s
        while not _lock(handle):
            if time.monotonic() >= until:
                raise TimeoutError(errno.ETIMEDOUT, "another process is changing it")
            time.sleep(_RETRY_S)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Try to lock; False if somebody else has the lock."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        return problem.errno not in _BUSY
    return True
