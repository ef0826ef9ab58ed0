"""Writes a settings file in one step, so that nobody reads half of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.file_lock import locked
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["create_file", "new_content", "write_file"]

#: Rights of a new file, as an editor creates it.
_NEW_MODE = 0o644
#: Others need milliseconds to write a file.
_WAIT_S = 5.0
#: The end of a temporary file's name. One that stays was left by a process that was killed.
_UNFINISHED = ".unfinished"


def write_file(file: YamlFile, text: str, if_changed: str) -> None:
    """Replace a file's content; its rights and its line ends stay.

    The file's folder is locked meanwhile. So of two processes that have read the same file, the second one is
    refused.

    Args:
        file: the file as it was read.
        text: the new content.
        if_changed: the remedy if somebody else has changed the file.

    Raises:
        ConfigError: the file has changed since it was read, or cannot be written.
    """
    path = file.path.resolve()
    content = new_content(file, text)
    with _named_errors(path), locked(path.parent, _WAIT_S):
        if YamlFile(path).digest != file.digest:
            raise ConfigError(f"{path.name} has changed since you opened it.", remedy=if_changed)
        with _written_beside(path, content, path.stat().st_mode & 0o7777) as written:
            os.replace(written, path)


def new_content(file: YamlFile, text: str) -> bytes:
    """Return what :func:`write_file` writes.

    Args:
        file: the file as it was read.
        text: the new content, with ``\\n`` at the end of each line.
    """
    ends = b"\r\n" if file.content.count(b"\r\n") * 2 > file.content.count(b"\n") else b"\n"
    return text.encode().replace(b"\n", ends)


def create_file(path: Path, text: str, if_exists: str) -> None:
    """Create a file.

    Args:
        path: the file.
        text: its content.
        if_exists: the remedy if there is such a file.

    Raises:
        ConfigError: there is such a file, or it cannot be written.
    """
    try:
        with _named_errors(path), _written_beside(path, text.encode(), _NEW_MODE) as written:
            # Unlike a move, a link replaces no file that somebody has created in the meantime.
            os.link(written, path)
    except FileExistsError:
        raise ConfigError(f"{path.name} exists already.", remedy=if_exists) from None


@contextlib.contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except TimeoutError:
        raise ConfigError(f"Another process is writing {path.name}.", remedy="Try again.") from None
    except OSError as problem:
        raise ConfigError(
            f"{path.name} cannot be written: {problem.strerror}.",
            remedy="Let the user of this process write to the file and its folder.",
        ) from None


@contextlib.contextmanager
def _written_beside(path: Path, content: bytes, mode: int) -> Iterator[str]:
    """Write a temporary file in the same folder; it does not stay."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        os.chmod(name, mode)
        yield name
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)
