"""Answers what the rule editor asks about texts: a trigger as text and as blocks, its errors, its diff."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.rule_editor.block_edits import add_condition, remove_value, set_value
from rasa_autoplay.engine.rule_editor.blocks import BlockReader
from rasa_autoplay.engine.rule_editor.draft import Draft, EditedFile, Problem
from rasa_autoplay.engine.rule_editor.value_kinds import CONDITION_TITLES, ValueKinds
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.file_writer import write_file
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["NEW_RULE", "RuleDesk"]

NEW_RULE = """\
id: new_rule
when:
  all:
    - on_page: /
    - count: {title: save, at_least: 3, within: 120s}
body: "May I show you a quicker way?"
"""
_MAX_VERSIONS = 64
_OPEN_AGAIN = "Copy your text, open the rule again, and paste it."


class RuleDesk:
    """Reads and checks texts. Its methods block, so it belongs into a worker process.

    Args:
        path: ``autoplay.yml``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kinds = ValueKinds()
        self._blocks = BlockReader(self._kinds)
        self._loaded: BoundedDict[str, Configuration] = BoundedDict(2)
        self._drafts: BoundedDict[tuple[str, str, str], Draft] = BoundedDict(_MAX_VERSIONS)
        self._versions: BoundedDict[tuple[str, str], Configuration] = BoundedDict(_MAX_VERSIONS)
        self._file: EditedFile | None = None

    def loaded(self, text: str, fingerprint: str) -> Configuration:
        """Return the version that the engine has loaded.

        Args:
            text: its ``autoplay.yml``.
            fingerprint: identifies it together with the golden paths.

        Raises:
            ConfigError: the golden paths on disk are wrong.
        """
        found = self._loaded.get(fingerprint)
        if found is None:
            found = load_configuration(YamlFile(self._path, text.encode()))
            self._loaded[fingerprint] = found
        return found

    def describe(self, trigger_id: str, loaded: Configuration, loaded_text: str) -> dict[str, Any]:
        """Return a trigger as it is on disk; a template for a new one."""
        file = self.open("")
        text = file.text_of(trigger_id) if trigger_id else NEW_RULE
        return {
            "trigger_id": trigger_id,
            "file": self._path.name,
            "base": file.digest,
            "trigger_ids": file.ids,
            "is_loaded": file.text == loaded_text.replace("\r\n", "\n").replace("\r", "\n"),
            "can_write": loaded.settings.studio.write,
            "schema": self._schema(loaded),
            **self.show(file, trigger_id, text, loaded),
        }

    def _schema(self, loaded: Configuration) -> dict[str, Any]:
        """What completion needs of the schema: the keys of each section, and the values of each key."""
        conditions = self._kinds.conditions
        keys = {kind: list(self._kinds.keys_of(schema)) for kind, schema in conditions.items()}
        keys["sequence"] = list(self._kinds.step)
        every = {**self._kinds.trigger, **conditions}
        for schema in conditions.values():
            every.update(self._kinds.keys_of(schema))
        return {
            "trigger": list(self._kinds.trigger),
            "titles": CONDITION_TITLES,
            "when": [*conditions, "within"],
            "keys": keys,
            "values": {key: self._kinds.describe(key, schema) for key, schema in every.items()},
            "workflows": [path.id for path in loaded.paths],
        }

    def show(self, file: EditedFile, trigger_id: str, text: str, loaded: Configuration) -> dict[str, Any]:
        """Return a text with its blocks and its problems."""
        blocks: dict[str, Any] | None = None
        try:
            draft = self.draft(file, trigger_id, text)
        except ConfigError as problem:
            problems = file.problems(problem, trigger_id, text)
            return {"text": text, "blocks": None, "problems": _as_json(problems)}
        blocks = self._blocks.read(draft.entry)
        return {"text": text, "blocks": blocks, "problems": _as_json(self._problems(draft, loaded))}

    def edit(self, text: str, edit: Mapping[str, Any]) -> str:
        """Return the text after an edit of a block.

        Args:
            text: the trigger.
            edit: ``{"set": path, "value": …, "is_yaml": …}``, ``{"remove": path}`` or
                ``{"add": path, "kind": …}``.

        Raises:
            ConfigError: the edit is not possible.
        """
        if "set" in edit:
            return set_value(text, _path(edit["set"]), edit.get("value"), is_yaml=bool(edit.get("is_yaml")))
        if "remove" in edit:
            return remove_value(text, _path(edit["remove"]))
        if "add" in edit:
            return add_condition(text, _path(edit["add"]), str(edit.get("kind") or ""))
        raise ConfigError("An edit is one of set, remove and add.")

    def open(self, base: str) -> EditedFile:
        """Open the file, which must not have changed since the page has read it.

        Args:
            base: the digest that the page knows; empty to accept any.

        Raises:
            ConfigError: it has changed, or cannot be read.
        """
        file = self._read()
        if base and base != file.digest:
            raise ConfigError(
                f"{self._path.name} has changed since you opened this rule.",
                remedy=_OPEN_AGAIN,
            )
        return file

    def _read(self) -> EditedFile:
        """Read the file; what has not changed is not parsed again."""
        try:
            content = self._path.read_bytes()
        except OSError as problem:
            raise ConfigError(f"{self._path}: cannot be read: {problem.strerror}.") from None
        if self._file is None or self._file.file.content != content:
            self._file = EditedFile(self._path, content)
        return self._file

    def draft(self, file: EditedFile, trigger_id: str, text: str) -> Draft:
        """Return the file with an edited trigger, from the cache if it is there.

        Raises:
            ConfigError: the text cannot stand there; see :meth:`EditedFile.with_trigger`.
        """
        key = file.digest, trigger_id, text
        found = self._drafts.get(key)
        if found is None:
            found = self._drafts[key] = file.with_trigger(trigger_id, text)
        return found

    def load(self, draft: Draft, loaded: Configuration) -> Configuration:
        """Load a draft, or return it from the cache.

        Raises:
            ConfigError: the draft is wrong.
        """
        key = loaded.fingerprint, draft.file_text
        found = self._versions.get(key)
        if found is None:
            found = self._versions[key] = draft.load(loaded)
        return found

    def load_text(self, text: str, loaded: Configuration) -> Configuration:
        """Load the whole file of a draft that was checked already, or return it from the cache.

        Raises:
            ConfigError: the draft is wrong.
        """
        found = self._versions.get((loaded.fingerprint, text))
        if found is None:
            found = self.load(Draft(YamlFile(self._path, text.encode()), text, 0, 0, ""), loaded)
        return found

    def _problems(self, draft: Draft, loaded: Configuration) -> Sequence[Problem]:
        try:
            self.load(draft, loaded)
        except ConfigError as problem:
            return draft.problems(problem)
        return ()

    def diff(self, file: EditedFile, trigger_id: str, text: str, loaded: Configuration) -> dict[str, Any]:
        """Return the change of the file as a unified diff, and the whole new file."""
        draft = self.draft(file, trigger_id, text)
        name = self._path.name
        lines = difflib.unified_diff(
            file.text.splitlines(), draft.file_text.splitlines(), f"a/{name}", f"b/{name}", lineterm=""
        )
        return {
            "diff": "".join(f"{line}\n" for line in lines),
            "content": draft.file_text,
            "file": name,
            "problems": _as_json(self._problems(draft, loaded)),
        }

    def write(self, file: EditedFile, trigger_id: str, text: str, loaded: Configuration) -> dict[str, Any]:
        """Write the change into the file.

        Raises:
            ConfigError: writing is off, the draft is wrong, or the file has changed or cannot be written.
        """
        if not loaded.settings.studio.write:
            raise ConfigError(
                "The studio may not write into the file.",
                remedy="Download the file, or set studio: {write: true} in autoplay.yml.",
            )
        draft = self.draft(file, trigger_id, text)
        self.load(draft, loaded)
        write_file(file.file, draft.file_text, _OPEN_AGAIN)
        written = self._read()
        return {"base": written.digest, "trigger_id": written.ids[draft.index], "file": self._path.name}


def _path(value: object) -> list[str | int]:
    steps = value if isinstance(value, list) else []
    if not steps or not all(isinstance(step, (str, int)) for step in steps):
        raise ConfigError("An edit names its place as a list of keys and numbers.")
    return steps


def _as_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"line": each.line, "message": each.message} for each in problems]
