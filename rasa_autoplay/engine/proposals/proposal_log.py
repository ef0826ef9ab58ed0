"""Appends to a proposal's ``log.jsonl``. Lines are only added."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rasa_autoplay.engine.proposals.log_entry import LogEntry
from rasa_autoplay.engine.proposals.proposal_folder import LOG
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.file_lock import locked

__all__ = ["StepBusy", "append_entry", "locked_log"]

_encode = msgspec.json.Encoder().encode
_decode_entry = msgspec.json.Decoder(LogEntry).decode
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
#: Others need milliseconds to take a step.
_WAIT_S = 5.0


class StepBusy(ConfigError):
    """Another process, or another thread, takes a step with the same proposal."""


@contextlib.contextmanager
def locked_log(folder: Path, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Let nobody else take a step with this proposal meanwhile.

    A process that is killed does not block others.

    Args:
        folder: the proposal's folder.
        wait_s: how long to wait for others, in seconds.

    Raises:
        StepBusy: somebody else takes a step.
        ConfigError: the log cannot be written.
    """
    os.close(_open(folder))
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(folder / LOG, wait_s))
        except TimeoutError:
            raise StepBusy(
                f"Another process takes a step with {folder.name}.", remedy="Look at it again in a moment."
            ) from None
        except OSError as problem:
            raise _unwritable(folder, problem) from None
        yield


def append_entry(folder: Path, entry: LogEntry) -> None:
    """Add an entry. It is durable afterwards; if it cannot be written, the log is as it was.

    Args:
        folder: the proposal's folder.
        entry: the entry.

    Raises:
        ConfigError: the log cannot be written.
    """
    handle = _open(folder)
    try:
        size = _end_last_line(handle)
        line = _encode(entry) + b"\n"
        try:
            if os.write(handle, line) < len(line):
                raise OSError(0, "the disk is full")
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    except OSError as problem:
        raise _unwritable(folder, problem) from None
    finally:
        os.close(handle)


def _end_last_line(handle: int) -> int:
    """Drop a line that a killed process has left unfinished, and end one of an editor; return the size."""
    size = os.fstat(handle).st_size
    content = os.pread(handle, size, 0)
    if not content or content.endswith(b"\n"):
        return size
    last = content[content.rfind(b"\n") + 1 :]
    try:
        _decode_entry(last)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        os.ftruncate(handle, size - len(last))
        return size - len(last)
    os.write(handle, b"\n")
    return size + 1


def _open(folder: Path) -> int:
    try:
        return os.open(folder / LOG, _FLAGS, 0o644)
    except OSError as problem:
        raise _unwritable(folder, problem) from None


def _unwritable(folder: Path, problem: OSError) -> ConfigError:
    return ConfigError(
        f"{folder.name}/{LOG}: cannot be written: {problem.strerror}.",
        remedy="Each step is logged there. Let this user write to the folder of proposals.",
    )
