"""Writes ``autoplay.yml`` in one step, so that nobody reads half of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from rasa_autoplay.engine.rule_editor.draft import EditedFile
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["write_file"]


def write_file(file: EditedFile, text: str) -> None:
    """Replace the file's content; its rights and its line ends stay.

    Args:
        file: the file as it was read.
        text: the new content.

    Raises:
        ConfigError: the file has changed since it was read, or cannot be written.
    """
    path = file.file.path.resolve()
    content = file.file.content
    ends = b"\r\n" if content.count(b"\r\n") * 2 > content.count(b"\n") else b"\n"
    if YamlFile(path).digest != file.file.digest:
        raise ConfigError(
            f"{path.name} has changed since you opened this rule.",
            remedy="Copy your text, open the rule again, and paste it.",
        )
    try:
        _replace(path, text.encode().replace(b"\n", ends))
    except OSError as problem:
        raise ConfigError(
            f"{path.name} cannot be written: {problem.strerror}.",
            remedy="Let the engine's user write to the file and its folder, or download the file.",
        ) from None


def _replace(path: Path, content: bytes) -> None:
    mode = path.stat().st_mode
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        os.chmod(name, mode & 0o7777)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
