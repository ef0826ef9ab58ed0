"""The JSON Schema of ``autoplay.yml``, including conditions and the parameters of built-in triggers."""

from __future__ import annotations

import copy
from typing import Any

from rasa_autoplay.engine.matching.patterns import PATTERN_SCHEMA
from rasa_autoplay.engine.triggers.builtin_triggers import LIBRARY
from rasa_autoplay.engine.triggers.rules.grammar import CONDITIONS
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.json_schema import json_schema
from rasa_autoplay.settings.models import Settings

__all__ = ["autoplay_schema"]

_CONDITION = {"$ref": "#/definitions/Condition"}
_LIST = {"type": "array", "items": _CONDITION, "minItems": 1}
_DURATION = {"$ref": "#/definitions/Duration"}
#: Conditions that may be written as a duration alone.
_SHORT = ("dwell", "idle")


def autoplay_schema(title: str) -> dict[str, Any]:
    """Return the schema of the file.

    Args:
        title: the schema's title.
    """
    schema = json_schema(EngineSettings, title)
    definitions = schema["definitions"]
    definitions["Pattern"] = PATTERN_SCHEMA
    definitions["Condition"] = _condition(definitions)
    trigger = definitions["TriggerSettings"]
    properties = trigger["properties"]
    properties["when"] = {
        "description": properties["when"]["description"],
        "anyOf": [_CONDITION, _LIST, {"type": "null"}],
    }
    properties["goal"] = {
        "description": properties["goal"]["description"],
        "anyOf": [_CONDITION, {"type": "null"}],
    }
    names = sorted(LIBRARY)
    properties["builtin"]["anyOf"] = [{"enum": names}, {"type": "null"}]
    for name in names:
        for key, value in _own_schema(LIBRARY[name].parameters, definitions)["properties"].items():
            if key in properties and properties[key] != value:
                # Several built-ins define this key differently, and the engine checks each.
                value = {"description": f"A parameter of several built-ins, {name} among them."}
            properties[key] = value
    trigger["additionalProperties"] = False
    schema["definitions"] = dict(sorted(definitions.items()))
    return schema


def _condition(definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {"all": _LIST, "any": _LIST, "not": {"anyOf": [_CONDITION, _LIST]}}
    for key, shape in CONDITIONS.items():
        if issubclass(shape, Settings):
            properties[key] = _shape(key, _own_schema(shape, definitions))
        else:
            properties[key] = {"$ref": "#/definitions/Pattern"}
    properties["within"] = {
        "description": "How far back a sequence may reach, or how long a goal counts.",
        **_DURATION,
    }
    return {
        "description": "A condition; of several keys, all must hold.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
    }


def _shape(key: str, own: dict[str, Any]) -> dict[str, Any]:
    if key == "sequence":
        steps: dict[str, Any] = own["properties"]["sequence"]
        return steps
    return {"anyOf": [_DURATION, own]} if key in _SHORT else own


def _own_schema(shape: type[Settings], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the settings' own schema, and move the definitions that it refers to."""
    own: dict[str, Any] = copy.deepcopy(shape.schema())
    definitions.update(own.pop("definitions", {}))
    return own
