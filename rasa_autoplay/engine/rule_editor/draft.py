"""An edited trigger in its file: checks it exactly as ``rasa-autoplay validate`` does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.rule_editor.trigger_text import (
    TriggerLines,
    find_triggers,
    read_trigger,
    replace_trigger,
)
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name

__all__ = ["Draft", "EditedFile", "Problem"]

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PLACE = re.compile(r"^[^:\n]+:(\d+): ")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a draft.

    Args:
        line: the line of the trigger's text, from 1; 0 if it is elsewhere in the file.
        message: what is wrong, where in the file, and the remedy.
    """

    line: int
    message: str


class EditedFile:
    """``autoplay.yml`` as it is on disk, and its triggers.

    Args:
        path: the file.
        content: the file's content; None to read the file.

    Raises:
        ConfigError: the file cannot be read, or its triggers cannot be edited.
    """

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.file = YamlFile(path, content)
        self.text = self.file.content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        self.triggers: Sequence[TriggerLines] = find_triggers(self.text)
        self._raw = self.file.raw()

    @property
    def digest(self) -> str:
        """Identifies the content."""
        return self.file.digest.hex()

    @property
    def ids(self) -> list[str]:
        """The ids of the triggers, in order."""
        return [_id_of(entry) for entry in self._entries]

    @property
    def _entries(self) -> list[Any]:
        entries = self._raw.get("triggers")
        return entries if isinstance(entries, list) else []

    def text_of(self, trigger_id: str) -> str:
        """Return a trigger's text; empty for a new trigger.

        Raises:
            ConfigError: there is no trigger with that id.
        """
        return read_trigger(self.text, self.triggers[self._index(trigger_id)]) if trigger_id else ""

    def _index(self, trigger_id: str) -> int:
        if not trigger_id:
            return len(self.triggers)
        if trigger_id not in self.ids:
            hint = nearest_name(trigger_id, self.ids) or "."
            raise ConfigError(f"{self.file.path.name} has no trigger {trigger_id!r}{hint}")
        return self.ids.index(trigger_id)

    def with_trigger(self, trigger_id: str, text: str) -> Draft:
        """Return the file with an edited trigger.

        Args:
            trigger_id: the trigger; empty for a new one.
            text: its text.

        Raises:
            ConfigError: the text is not YAML, reaches beyond its place, or names code or variables that the
                file does not.
        """
        index = self._index(trigger_id)
        self._reject_new_variables(text, self.text_of(trigger_id))
        edited = replace_trigger(self.text, self.triggers, index, text)
        file = YamlFile(self.file.path, edited.encode())
        self._reject_foreign_changes(file.raw(), index)
        draft = Draft(file, edited, index, _first_line(edited, index), text)
        self._reject_new_code(draft.entry)
        return draft

    def problems(self, error: ConfigError, trigger_id: str, text: str) -> list[Problem]:
        """Return the errors of a text that cannot stand in the file, with their lines in the text."""
        index = self._index(trigger_id)
        last = self.triggers[-1].end if self.triggers else 0
        first = self.triggers[index].first if index < len(self.triggers) else last
        lines = len(text.splitlines())
        # An open bracket shows only after the text.
        return [
            each if each.line else Problem(lines if _PLACE.match(each.message) else 0, each.message)
            for each in _problems(error, first, lines)
        ]

    def _reject_new_variables(self, text: str, before: str) -> None:
        new = sorted({*_VARIABLE.findall(text)} - {*_VARIABLE.findall(before)})
        if new:
            raise ConfigError(
                f"The studio does not add environment variables (${{{new[0]}}}).",
                remedy="They can hold secrets, so write them into the file with an editor.",
            )

    def _reject_foreign_changes(self, raw: Mapping[str, Any], index: int) -> None:
        entries = raw.get("triggers")
        others = list(self._entries)
        edited = list(entries) if isinstance(entries, list) else []
        is_new = index == len(others)
        if len(edited) == len(others) + is_new:
            del edited[index]
            if not is_new:
                del others[index]
        same = {**raw, "triggers": edited} == {**self._raw, "triggers": others}
        if not same:
            raise ConfigError(
                "This text would also change other parts of the file.",
                remedy="Close each quote and bracket. If other parts refer to this trigger with an anchor, "
                "change the file with an editor.",
            )

    def _reject_new_code(self, entry: Any) -> None:
        named = entry.get("predicate") if isinstance(entry, Mapping) else None
        known = {each.get("predicate") for each in self._entries if isinstance(each, Mapping)}
        if named is not None and named not in known:
            raise ConfigError(
                f"The studio does not load new code ({named}).",
                remedy="Write a predicate into the file with an editor.",
            )


def _id_of(entry: Any) -> str:
    return str(entry.get("id") or entry.get("builtin") or "") if isinstance(entry, Mapping) else ""


def _first_line(text: str, index: int) -> int:
    triggers = find_triggers(text)
    return triggers[index].first if index < len(triggers) else 0


@dataclass(frozen=True)
class Draft:
    """The file with an edited trigger.

    Args:
        file: the file.
        file_text: its text.
        index: the trigger's number.
        first_line: the line in the file of the trigger's first line, from 0.
        text: the trigger's text.
    """

    file: YamlFile
    file_text: str
    index: int
    first_line: int
    text: str

    @property
    def entry(self) -> Any:
        """The trigger as plain data, without expanded variables."""
        return self.file.raw()["triggers"][self.index]

    def load(self, base: Configuration) -> Configuration:
        """Load the draft.

        Args:
            base: the loaded version, which has the golden paths.

        Raises:
            ConfigError: the draft is wrong; one line for each error.
        """
        settings = self.file.read(EngineSettings)
        triggers = load_triggers(settings, [path.id for path in base.paths], self.file)
        return Configuration(base.name, settings, triggers, base.paths, base.tours)

    def problems(self, error: ConfigError) -> list[Problem]:
        """Return the errors with their lines in the trigger's text."""
        return _problems(error, self.first_line, len(self.text.splitlines()))


def _problems(error: ConfigError, first_line: int, lines: int) -> list[Problem]:
    found: list[Problem] = []
    for line in str(error).splitlines():
        if line.startswith(" ") and found:
            found[-1] = Problem(found[-1].line, f"{found[-1].message}\n{line}")
            continue
        place = _PLACE.match(line)
        own = int(place.group(1)) - first_line if place else 0
        found.append(Problem(own if 1 <= own <= lines else 0, line))
    return found
