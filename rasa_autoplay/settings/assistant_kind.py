"""Which kind of assistant a Rasa project is, and where it runs its actions: its files tell."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

__all__ = ["AssistantKind", "assistant_kind", "needs_engine_in_process"]


class AssistantKind(Enum):
    """What decides the assistant's next step. The value is its name for people."""

    RULES = "intents and rules"
    #: A language model chooses among flows. Rasa Pro only.
    CALM = "flows (CALM)"
    #: A language model follows skills. Only newer versions of Rasa Pro have it, with files of its own.
    MANTLE = "skills (Mantle)"


def assistant_kind(folder: Path) -> AssistantKind:
    """Tell the kind of the project in a folder.

    Args:
        folder: the project's folder; files in it may be missing or invalid.
    """
    marks = [(folder / name).is_file() for name in ("agent.yml", "integrations.yml")]
    if sum(marks) + any(folder.glob("skills/*/skill.md")) > 1:
        return AssistantKind.MANTLE
    return AssistantKind.CALM if any(map(_is_of_calm, _components(folder))) else AssistantKind.RULES


def needs_engine_in_process(folder: Path) -> bool:
    """Return whether no action server is there that could run the engine.

    Args:
        folder: the project's folder; files in it may be missing or invalid.
    """
    kind = assistant_kind(folder)
    if kind is AssistantKind.MANTLE:
        return True
    endpoint = _read(folder / "endpoints.yml").get("action_endpoint")
    if not isinstance(endpoint, Mapping):
        return kind is AssistantKind.CALM
    speaks_grpc = urlsplit(str(endpoint.get("url") or "")).scheme == "grpc"
    return speaks_grpc or bool(endpoint.get("actions_module"))


def _is_of_calm(component: str) -> bool:
    return component == "FlowPolicy" or component.endswith("CommandGenerator")


def _components(folder: Path) -> Iterator[str]:
    """Yield the class names of the pipeline and of the policies."""
    config = _read(folder / "config.yml")
    for section in (config.get("pipeline"), config.get("policies")):
        for entry in section if isinstance(section, list) else ():
            name = entry.get("name") if isinstance(entry, Mapping) else entry
            yield str(name).rpartition(".")[2]


def _read(path: Path) -> Mapping[str, Any]:
    """A file's content, with its variables unexpanded; empty if it cannot be read, which others report."""
    with contextlib.suppress(OSError, UnicodeDecodeError, YAMLError):
        content = YAML().load(path.read_text(encoding="utf-8"))
        return content if isinstance(content, Mapping) else {}
    return {}
