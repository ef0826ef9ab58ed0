"""A step that a process has begun: ``step.json`` in the proposal's folder.

It is written before any other file changes. It stays if the process dies, so that the next one can
complete the step, or say that it was broken off.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from rasa_autoplay.engine.proposals.folder_files import read_bytes
from rasa_autoplay.engine.proposals.log_entry import LogEntry
from rasa_autoplay.errors import ConfigError

__all__ = ["STEP", "UnfinishedStep", "begin_step", "end_step", "read_step"]

STEP = "step.json"
_NEW = ".step.json.unfinished"
_MOST_BYTES = 1_000_000


class UnfinishedStep(msgspec.Struct, frozen=True):
    """A step that was begun.

    Args:
        entry: what goes into the proposal's log.
        change_id: the id of its entry in the log of changes.
        file_digest: SHA-256 of the new ``autoplay.yml`` in hexadecimal digits; empty if it does not change.
        creates_path: whether the step creates the file of a golden path.
    """

    entry: LogEntry
    change_id: str
    file_digest: str = ""
    creates_path: bool = False


def begin_step(folder: Path, step: UnfinishedStep) -> None:
    """Write down a step before it is taken.

    Args:
        folder: the proposal's folder.
        step: the step.

    Raises:
        ConfigError: the folder cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        with os.fdopen(os.open(folder / _NEW, flags, 0o644), "wb") as file:
            file.write(msgspec.json.encode(step))
            file.flush()
            os.fsync(file.fileno())
        os.replace(folder / _NEW, folder / STEP)
    except OSError as problem:
        raise ConfigError(
            f"{folder.name}/{STEP}: cannot be written: {problem.strerror}.",
            remedy="Each step is noted there. Let this user write to the folder of proposals.",
        ) from None


def end_step(folder: Path) -> None:
    """Forget a step that is logged, or that was not taken. A file that stays does no harm.

    Args:
        folder: the proposal's folder.
    """
    for name in (STEP, _NEW):
        with contextlib.suppress(OSError):
            os.unlink(folder / name)


def read_step(folder: Path) -> UnfinishedStep | None:
    """Return the step that was begun; None if there is none.

    Args:
        folder: the proposal's folder.

    Raises:
        ConfigError: the file cannot be read.
    """
    content = read_bytes(folder, STEP, _MOST_BYTES)
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=UnfinishedStep)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigError(
            f"{folder.name}/{STEP}: cannot be read, so a step may be missing in {folder.name}/log.jsonl.",
            remedy="Compare autoplay.yml with the log, then delete this file.",
        ) from None
