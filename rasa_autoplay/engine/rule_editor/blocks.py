"""Shows a trigger as blocks: one block for each condition, and one field for each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.engine.rule_editor.flow_yaml import to_flow
from rasa_autoplay.engine.rule_editor.value_kinds import CONDITION_TITLES, Schema, ValueKinds, label_of

__all__ = ["BlockReader"]

_Path = tuple["str | int", ...]
_LISTS = ("all", "any")
#: What a new value is, by kind; the first option of a choice.
_INITIAL = {
    "duration": "60s",
    "number": 1,
    "workflow": "any",
    "switch": True,
    "text": "…",
    "pattern": "save",
    "yaml": "{}",
}
_INITIAL_PAGE = "/"
#: The keys that decide when a trigger fires.
_KINDS = ("when", "builtin", "predicate", "external")


class BlockReader:
    """Reads blocks from a trigger's plain data.

    Args:
        kinds: the kinds of values.
    """

    def __init__(self, kinds: ValueKinds) -> None:
        self._kinds = kinds

    def read(self, entry: object) -> dict[str, Any]:
        """Return the blocks of a trigger.

        The result has ``fields`` (of the trigger itself), ``addable`` (keys that it does not have yet),
        ``when`` (the blocks of its condition) and ``conditions`` (those that can be added).

        Args:
            entry: the trigger, as it is in the file.
        """
        trigger = entry if isinstance(entry, Mapping) else {}
        keys = {**self._kinds.trigger, **self._kinds.parameters(str(trigger.get("builtin") or ""))}
        sections = {key: value for key, value in keys.items() if key not in _KINDS}
        kind = next((key for key in _KINDS if key in trigger), "when")
        return {
            "kind": kind,
            "name": _name_of(kind, trigger),
            **self._fields(trigger, sections, ()),
            "when": self._condition(trigger["when"], ("when",)) if "when" in trigger else [],
            "conditions": [{"kind": key, "title": title} for key, title in CONDITION_TITLES.items()],
        }

    def _fields(self, values: Mapping[str, Any], keys: Mapping[str, Schema], path: _Path) -> dict[str, Any]:
        fields = [
            self._field(key, value, keys.get(key, {}), (*path, key))
            for key, value in values.items()
            if key in keys
        ]
        addable = [
            {
                "key": key,
                "label": label_of(key),
                "path": (*path, key),
                "initial": self._initial(key, schema),
                "description": schema.get("description", ""),
            }
            for key, schema in keys.items()
            if key not in values
        ]
        return {"fields": fields, "addable": addable}

    def _field(self, key: str, value: object, schema: Schema, path: _Path) -> dict[str, Any]:
        described = self._kinds.describe(key, schema)
        is_scalar = value is None or isinstance(value, (str, int, float, bool))
        if not is_scalar and described["kind"] != "choices":
            described["is_yaml"] = True
        text = str(value) if isinstance(value, str) else to_flow(value)
        return {
            "key": key,
            "label": label_of(key),
            "path": path,
            "value": value if is_scalar else None,
            "text": text,
            **described,
        }

    def _initial(self, key: str, schema: Schema) -> Any:
        described = self._kinds.describe(key, schema)
        if "default" in schema and isinstance(schema["default"], (str, int, float, bool)):
            return schema["default"]
        if described["kind"] in ("choice", "choices"):
            first = described["options"][0]
            return first if described["kind"] == "choice" else f"[{first}]"
        if key == "page":
            return _INITIAL_PAGE
        if described["kind"] == "number":
            return max(described.get("minimum", 1), 1)
        return _INITIAL[described["kind"]]

    def _condition(self, source: object, path: _Path) -> list[dict[str, Any]]:
        """Return the blocks of a condition: one for each key of a mapping, or those of a list."""
        if isinstance(source, list):
            return [block for n, each in enumerate(source) for block in self._condition(each, (*path, n))]
        if not isinstance(source, Mapping):
            return []
        kinds = [key for key in source if key != "within" or "sequence" not in source]
        blocks = [self._block(key, source, path) for key in kinds]
        if len(kinds) == 1 and isinstance(path[-1], int):
            blocks[0]["remove"] = path
        return blocks

    def _block(self, kind: str, source: Mapping[str, Any], path: _Path) -> dict[str, Any]:
        value, place = source[kind], (*path, kind)
        block: dict[str, Any] = {
            "kind": kind,
            "title": CONDITION_TITLES.get(kind, kind),
            "path": place,
            "remove": place,
            "fields": [],
            "addable": [],
            "parts": [],
        }
        if kind in _LISTS or kind == "not":
            return {**block, "parts": self._condition(value, place), "holds": True}
        if kind == "sequence":
            return {**block, **self._within(source, path), "parts": list(self._steps(value, place))}
        schema = self._kinds.conditions.get(kind, {})
        if isinstance(value, Mapping):
            keys = self._kinds.keys_of(schema)
            return {**block, **self._fields(value, keys, place)}
        described = self._field(kind, value, schema, place)
        if kind == "on_page":
            described["words"] = "page"
        return {**block, "fields": [described]}

    def _within(self, source: Mapping[str, Any], path: _Path) -> dict[str, Any]:
        keys = {"within": {"$ref": "#/definitions/Duration"}}
        return self._fields({key: source[key] for key in keys if key in source}, keys, path)

    def _steps(self, steps: object, path: _Path) -> Iterator[dict[str, Any]]:
        for number, step in enumerate(steps if isinstance(steps, list) else []):
            place = (*path, number)
            yield {
                "kind": "step",
                "title": f"Step {number + 1}",
                "path": place,
                "remove": place,
                "parts": [],
                **self._fields(step if isinstance(step, Mapping) else {}, self._kinds.step, place),
            }


def _name_of(kind: str, trigger: Mapping[str, Any]) -> str:
    """The text that follows the trigger's kind; empty for a rule."""
    if kind == "external":
        return "it makes the offers, so there is no rule"
    return str(trigger.get(kind) or "") if kind != "when" else ""
