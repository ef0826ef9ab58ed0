"""The files of golden paths: finds a path's file, shows the change of a draft, and writes it.

The methods block, so call them in a thread.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rasa_autoplay.engine.changes.watched_files import yaml_files
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.bot_language import bot_language
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.file_writer import create_file, write_file
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["FileChange", "PathFiles"]

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_OPEN_AGAIN = "Open the draft again, and check what has changed."


class FileChange(NamedTuple):
    """What writing a draft would change.

    Args:
        file: the file, relative to the folder of ``autoplay.yml``.
        base: the digest of the file as it is now; empty if there is none.
        diff: a unified diff.
    """

    file: str
    base: str
    diff: str


class PathFiles:
    """The golden paths on disk.

    Args:
        path: ``autoplay.yml``.
        golden_paths: the folder that it names.
    """

    def __init__(self, path: Path, golden_paths: str) -> None:
        self._path = path
        self._folder = path.parent / golden_paths

    def content(self, path_id: str) -> dict[str, Any] | None:
        """Return the content of a path's file, with variables as they are written; None if there is none."""
        file = self._find(path_id)
        return None if file is None else file.raw()

    def change(self, path_id: str, text: str) -> FileChange:
        """Return what a path's file would change, if it had this text."""
        file = self._find(path_id)
        name = self._name(self._new_file(path_id) if file is None else file.path)
        before = "" if file is None else file.content.decode("utf-8").replace("\r\n", "\n")
        lines = difflib.unified_diff(
            before.splitlines(),
            text.splitlines(),
            "/dev/null" if file is None else f"a/{name}",
            f"b/{name}",
            lineterm="",
        )
        base = "" if file is None else file.digest.hex()
        return FileChange(name, base, "".join(f"{line}\n" for line in lines))

    def write(self, draft: Mapping[str, Any], text: str, base: str) -> str:
        """Write a path's file; return its name, relative to the folder of ``autoplay.yml``.

        Args:
            draft: the golden path.
            text: its file.
            base: the digest of the file that the person has seen; empty if there was none.

        Raises:
            ConfigError: the file has changed, the files would be wrong together, or it cannot be written.
        """
        path_id = str(draft["id"])
        file = self._find(path_id)
        if (file.digest.hex() if file else "") != base:
            raise ConfigError(f"The file of {path_id!r} has changed since you opened it.", remedy=_OPEN_AGAIN)
        target = self._new_file(path_id) if file is None else file.path
        self._check(YamlFile(target, text.encode()), draft)
        if file is None:
            self._folder.mkdir(exist_ok=True)
            create_file(target, text, _OPEN_AGAIN)
        else:
            write_file(file, text, _OPEN_AGAIN)
        return self._name(target)

    def _check(self, file: YamlFile, draft: Mapping[str, Any]) -> None:
        """Check the file together with the others, exactly as the engine loads them."""
        path = file.read(GoldenPath)
        if file.raw() != _without_empty(draft):
            raise ConfigError(
                "The file would not say exactly what you recorded.",
                remedy="Download the file, and check its texts by hand.",
            )
        config = YamlFile(self._path)
        others = load_golden_paths(self._folder, bot_language(config)) if self._folder.is_dir() else []
        load_triggers(config.read(EngineSettings), [*{each.id for each in others} | {path.id}], config)

    def _find(self, path_id: str) -> YamlFile | None:
        """Return the file that has a path; files that cannot be read are left out."""
        for place in yaml_files(self._folder):
            try:
                file = YamlFile(place)
            except ConfigError:
                continue
            if file.raw().get("id") == path_id:
                return file
        return None

    def _new_file(self, path_id: str) -> Path:
        name = _UNSAFE.sub("-", path_id).strip("-")[:80] or "path"
        taken = {file.name.casefold() for file in yaml_files(self._folder)}
        numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
        return self._folder / next(
            f"{each}.yml" for each in numbered if f"{each}.yml".casefold() not in taken
        )

    def _name(self, file: Path) -> str:
        return file.relative_to(self._path.parent).as_posix() if self._is_below(file) else file.name

    def _is_below(self, file: Path) -> bool:
        return file.is_relative_to(self._path.parent)


def _without_empty(value: Any) -> Any:
    """Return a draft as the file says it: keys without a value are left out."""
    if isinstance(value, Mapping):
        return {key: _without_empty(inner) for key, inner in value.items() if inner is not None}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value
