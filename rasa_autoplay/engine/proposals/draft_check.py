"""Checks drafts against ``autoplay.yml`` without writing them into it: many of them, and quickly.

A step checks the whole file again, so this check may be a little more lenient.
"""

from __future__ import annotations

from functools import cached_property

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.proposals.proposal import Proposal
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["DraftCheck"]


class DraftCheck:
    """Checks drafts. The methods block, so call them in a thread.

    Args:
        file: ``autoplay.yml``.
    """

    def __init__(self, file: YamlFile) -> None:
        self._file = file

    def problems(self, proposal: Proposal) -> tuple[str, ...]:
        """Return why a draft could not stand in the file; empty if it could."""
        try:
            ids = [*self._path_ids, *self._own_path(proposal)]
            file = YamlFile(proposal.folder / "trigger.yml", _as_file(proposal.trigger_text).encode())
            alone = file.read_as(EngineSettings, {**file.data(), "product_id": "any"}, ())
            load_triggers(self._settings.copy(update={"triggers": alone.triggers}), ids, file)
        except ConfigError as problem:
            return tuple(_without_place(line) for line in str(problem).splitlines())
        return ()

    @cached_property
    def _settings(self) -> EngineSettings:
        return self._file.read(EngineSettings)

    @cached_property
    def _path_ids(self) -> list[str]:
        settings = self._settings
        folder = self._file.path.parent / (settings.golden_paths or "")
        if not settings.golden_paths or not folder.is_dir():
            return []
        return [path.id for path in load_golden_paths(folder, settings.language)]

    def _own_path(self, proposal: Proposal) -> list[str]:
        if not proposal.path_text or proposal.path_id in self._path_ids:
            return []
        file = YamlFile(proposal.folder / "path.yml", proposal.path_text.encode())
        return [file.read(GoldenPath).id]


def _as_file(trigger: str) -> str:
    """Return a file with this trigger alone."""
    lines = [f"    {line}" if line.strip() else "" for line in trigger.splitlines()]
    return "\n".join(["triggers:", "  -", *lines, ""])


def _without_place(line: str) -> str:
    """Return an error without its line and key, which are those of the file with the trigger alone."""
    name, _, rest = line.partition(": ")
    file, _, number = name.partition(":")
    if not number.isdigit():
        return line
    return f"{file}: {rest.removeprefix('triggers.0.').removeprefix('triggers.0: ')}"
