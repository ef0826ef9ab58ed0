"""Notices when ``autoplay.yml`` or a golden path has changed, and has been written to its end.

Polling works everywhere: on network file systems, in containers, and for the symbolic links with which
Kubernetes replaces a ConfigMap. Notifications by the kernel do not.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["WatchedFiles", "yaml_files"]

#: After a change, the files are read this many times more, because some file systems count time in seconds.
_READ_AGAIN = 8

#: What ``stat`` says about each file; None for one that is missing.
_Stats = tuple[tuple[str, tuple[int, ...] | None], ...]


def yaml_files(folder: Path) -> list[Path]:
    """Return the YAML files of a folder, sorted by name; none if there is no such folder."""
    try:
        return sorted(file for file in folder.iterdir() if file.suffix in (".yml", ".yaml"))
    except OSError:
        return []


class WatchedFiles:
    """``autoplay.yml`` and the files in its folder of golden paths.

    The methods block, so call them in a thread.

    Args:
        loaded: ``autoplay.yml`` as it was loaded. The golden paths are loaded after this call.
    """

    def __init__(self, loaded: YamlFile) -> None:
        self._path = loaded.path
        self._folder = _folder_of(loaded)
        #: The digest of ``autoplay.yml`` that names this folder.
        self._digest_of_folder = loaded.digest
        #: Number of files at the last read.
        self.count = 0
        #: The state that was handled last.
        self._known = self._stats()
        self._known_digest = self._digest(loaded.digest)
        #: The digest of the last read, if it was not the known one.
        self._seen = ""
        self._reads_left = _READ_AGAIN

    def digest(self) -> str:
        """Return a digest of the contents of all files, and of their names."""
        own = _digest_of(self._path)
        if own != self._digest_of_folder:
            self._find_folder()
            self._digest_of_folder = own
        return self._digest(own)

    def _find_folder(self) -> None:
        # A broken file does not say where the golden paths are, so they stay where they were.
        with suppress(ConfigError):
            self._folder = _folder_of(YamlFile(self._path))

    def _digest(self, own: bytes) -> str:
        contents = hashlib.sha256(own)
        paths = yaml_files(self._folder) if self._folder else []
        self.count = 1 + len(paths)
        for file in paths:
            contents.update(str(file).encode("utf-8", "surrogateescape"))
            contents.update(_digest_of(file))
        return contents.hexdigest()

    def changed(self) -> str:
        """Return the digest of a new state if two reads in succession agree on it; else an empty text."""
        stats = self._stats()
        if stats == self._known and not self._seen:
            if not self._reads_left:
                return ""
            self._reads_left -= 1
        digest = self.digest()
        if digest == self._known_digest:
            self._known, self._seen = stats, ""
            return ""
        if digest != self._seen:
            self._seen = digest
            return ""
        return digest

    def handled(self, digest: str) -> None:
        """Record that this state was loaded or refused."""
        self._known, self._known_digest, self._seen = self._stats(), digest, ""
        self._reads_left = _READ_AGAIN

    def _stats(self) -> _Stats:
        files = [self._path, *(yaml_files(self._folder) if self._folder else [])]
        return tuple((str(file), _stat(file)) for file in files)


def _folder_of(file: YamlFile) -> Path | None:
    named = file.raw().get("golden_paths")
    return file.path.parent / named if isinstance(named, str) and named else None


def _digest_of(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as problem:
        return type(problem).__name__.encode()


def _stat(file: Path) -> tuple[int, ...] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
