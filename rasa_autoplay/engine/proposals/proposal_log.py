"""Appends to a proposal's ``log.jsonl``. Lines are only added."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from rasa_autoplay.engine.proposals.log_entry import LogEntry
from rasa_autoplay.engine.proposals.proposal_folder import LOG
from rasa_autoplay.errors import ConfigError

__all__ = ["append_entry", "check_writable"]

_encode = msgspec.json.Encoder().encode
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK


def check_writable(folder: Path) -> None:
    """Check that a step could be logged, before it is taken.

    Raises:
        ConfigError: the log cannot be written.
    """
    os.close(_open(folder))


def append_entry(folder: Path, entry: LogEntry) -> None:
    """Add an entry; it is durable afterwards.

    Args:
        folder: the proposal's folder.
        entry: the entry.

    Raises:
        ConfigError: the log cannot be written.
    """
    handle = _open(folder)
    try:
        os.write(handle, _encode(entry) + b"\n")
        os.fsync(handle)
    except OSError as problem:
        raise _unwritable(folder, problem) from None
    finally:
        os.close(handle)


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
