"""What kind of value each key of a trigger takes, by the JSON Schema of ``autoplay.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from rasa_autoplay.engine.triggers.builtin_triggers import LIBRARY
from rasa_autoplay.engine.triggers.configured.schema import autoplay_schema

__all__ = ["CONDITION_TITLES", "ValueKinds", "label_of"]

Schema = Mapping[str, Any]

CONDITION_TITLES = {
    "all": "All of these",
    "any": "At least one of these",
    "not": "Not this",
    "on_page": "Is on the page",
    "count": "Does this often",
    "sequence": "Does these in order",
    "never": "Never does this",
    "absent": "Has not done this lately",
    "dwell": "Stays on the page",
    "idle": "Does nothing",
    "repeat": "Repeats one action",
    "failure": "Runs into failures",
    "segment": "Is such a user",
    "memory": "Is remembered for this",
    "path": "Is in a golden path",
}
#: Keys whose values are ids of golden paths, although the schema only says that they are texts.
_WORKFLOW_KEYS = frozenset(
    {
        *("golden_path", "workflow", "tours", "mastered", "in_progress", "untouched", "struggle"),
        *("begun", "off_path", "skipped_step", "stalled"),
    }
)
_LABELS = {"id": "Name", "body": "Text of the toast", "on_page": "Page", "element_id": "Element"}
_CAPTURED = frozenset({"title", "description", "page", "element_id", "type"})


def label_of(key: str) -> str:
    """Return what a key is called on the page."""
    return _LABELS.get(key) or key.replace("_", " ").capitalize()


class ValueKinds:
    """Reads the schema once."""

    @cached_property
    def _schema(self) -> Schema:
        return autoplay_schema("autoplay.yml")

    @property
    def _definitions(self) -> Schema:
        definitions: Schema = self._schema["definitions"]
        return definitions

    @cached_property
    def trigger(self) -> dict[str, Schema]:
        """The keys that every trigger may have."""
        own = self._definitions["TriggerSettings"]["properties"]
        foreign = {key for each in LIBRARY.values() for key in each.parameters.schema()["properties"]}
        return {key: value for key, value in own.items() if key not in foreign}

    @cached_property
    def conditions(self) -> dict[str, Schema]:
        """The conditions, with the schema of each one's value."""
        found = self._definitions["Condition"]["properties"]
        return {key: found[key] for key in CONDITION_TITLES}

    def parameters(self, builtin: str) -> dict[str, Schema]:
        """The parameters of a built-in trigger; none if there is no such trigger."""
        library = LIBRARY.get(builtin)
        if library is None:
            return {}
        properties: dict[str, Schema] = library.parameters.schema()["properties"]
        return properties

    @property
    def step(self) -> dict[str, Schema]:
        """The keys of one step of a sequence."""
        properties: dict[str, Schema] = self._definitions["StepSettings"]["properties"]
        return properties

    def keys_of(self, schema: Schema) -> dict[str, Schema]:
        """Return the keys of a section; none if the value is no section."""
        for each in self._alternatives(schema):
            if "properties" in each:
                properties: dict[str, Schema] = each["properties"]
                return properties
        return {}

    def describe(self, key: str, schema: Schema) -> dict[str, Any]:
        """Describe the values that a key takes: ``kind``, and what depends on it.

        The kinds are ``pattern``, ``duration``, ``number``, ``choice``, ``choices``, ``workflow``, ``text``,
        ``switch`` and ``yaml``, which stands for all others.
        """
        found: dict[str, Any] = {"kind": "yaml"}
        if key in _WORKFLOW_KEYS:
            found = {"kind": "workflow", "words": "workflow"}
        elif key in ("body", "id"):
            found = {"kind": "text"}
        else:
            for each in self._alternatives(schema):
                kind = self._kind_of(each)
                if kind:
                    found = kind
                    break
        if found["kind"] == "pattern" and key in _CAPTURED:
            found["words"] = key
        if schema.get("description"):
            found["description"] = schema["description"]
        return found

    def _alternatives(self, schema: Schema) -> list[Schema]:
        """Return the forms that a value may have, without null."""
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            if name in ("Pattern", "Duration"):
                return [{"kind": name.lower()}]
            # A text in several languages is shown as YAML, as every other section is.
            return [{"type": "string"}] if name == "Text" else [self._definitions[name]]
        parts = schema.get("anyOf") or schema.get("allOf")
        if parts:
            return [form for part in parts for form in self._alternatives(part)]
        return [] if schema.get("type") == "null" else [schema]

    def _kind_of(self, schema: Schema) -> dict[str, Any]:
        if "kind" in schema:
            return {"kind": schema["kind"]}
        if "enum" in schema:
            return {"kind": "choice", "options": list(schema["enum"])}
        kind = schema.get("type")
        if kind in ("integer", "number"):
            least = schema.get("minimum", schema.get("exclusiveMinimum"))
            return {"kind": "number", **({} if least is None else {"minimum": least})}
        if kind == "boolean":
            return {"kind": "switch"}
        if kind == "string":
            return {"kind": "text"}
        if kind == "array" and "enum" in schema.get("items", {}):
            return {"kind": "choices", "options": list(schema["items"]["enum"])}
        return {}
