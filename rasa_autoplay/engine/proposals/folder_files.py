"""Reads the files of a proposal's folder, which anybody may have put there.

A file is read only if it is a regular file of a reasonable size, in the folder itself. No link is followed.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from rasa_autoplay.errors import ConfigError

__all__ = ["is_proposal_id", "read_bytes", "read_text"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\.[a-z]{1,8}")


def is_proposal_id(name: str) -> bool:
    """Whether a proposal may have this id: letters, digits, ``-`` and ``_``, at most 80 characters."""
    return _ID.fullmatch(name) is not None


def read_text(folder: Path, name: str, most_bytes: int) -> str | None:
    """Return a file's text; None if there is no such file.

    Args:
        folder: the proposal's folder.
        name: the file's name.
        most_bytes: a larger file is refused.

    Raises:
        ConfigError: it is no regular file, is too large, is not UTF-8, or cannot be read.
    """
    content = read_bytes(folder, name, most_bytes)
    if content is None:
        return None
    try:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise _refused(folder, name, "it is not UTF-8") from None


def read_bytes(folder: Path, name: str, most_bytes: int) -> bytes | None:
    """Return a file's content; None if there is no such file. See :func:`read_text`.

    Raises:
        ConfigError: the name is no plain file name, or the file cannot be read as described.
    """
    if _NAME.fullmatch(name) is None:
        raise ConfigError(f"A proposal has no file {name[:64]!r}.")
    try:
        # Neither a link nor a pipe without a writer may lead elsewhere or block.
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as problem:
        reason = "it is a link" if (folder / name).is_symlink() else problem.strerror
        raise _refused(folder, name, str(reason)) from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise _refused(folder, name, "it is not a regular file")
        content = file.read(most_bytes + 1) if found.st_size <= most_bytes else None
    if content is None or len(content) > most_bytes:
        raise _refused(folder, name, f"it is larger than {most_bytes // 1000} kB")
    return content


def _refused(folder: Path, name: str, reason: str) -> ConfigError:
    return ConfigError(
        f"{folder.name}/{name}: cannot be read: {reason}.",
        remedy="Run `rasa-autoplay discover` again, or delete the proposal's folder.",
    )
