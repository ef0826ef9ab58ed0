"""Checks the stores that ``endpoints.yml`` names: for an unknown type, Rasa keeps them in memory."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name
from rasa_autoplay.tools.validation.findings import Findings

__all__ = ["check_endpoints", "check_endpoints_file"]

#: The types that Rasa and Rasa Pro know, in lower case. A type with a dot is a class of the team's own.
_TYPES = {
    "tracker_store": ("sql", "redis", "mongod", "dynamo", "in_memory", "auth_retry_tracker_store"),
    "lock_store": ("in_memory", "redis", "concurrent_redis"),
    "event_broker": ("pika", "kafka", "sql", "file"),
}
_SPELLED = {"sql": "SQL"}


def check_endpoints_file(path: Path, findings: Findings) -> None:
    """Check the file, if there is one; Rasa accepts an empty one."""
    if not path.is_file() or _is_empty(path):
        return
    with findings:
        check_endpoints(YamlFile(path), findings)


def _is_empty(path: Path) -> bool:
    """Whether the file has nothing but comments."""
    lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).splitlines()
    return all(line.strip()[:1] in (b"", b"#") for line in lines)


def check_endpoints(file: YamlFile, findings: Findings) -> None:
    """Check the type of each store.

    Args:
        file: ``endpoints.yml``.
        findings: collects the errors.
    """
    content = file.raw()
    for section, known in _TYPES.items():
        settings = content.get(section)
        if not isinstance(settings, Mapping) or not settings.get("type"):
            continue
        name = str(settings["type"])
        if "." in name or name.lower() in known:
            continue
        with findings:
            raise _unknown(file, section, name, known)


def _unknown(file: YamlFile, section: str, name: str, known: tuple[str, ...]) -> ConfigError:
    hint = nearest_name(name.lower(), known)
    for lower, spelled in _SPELLED.items():
        hint = hint.replace(f"'{lower}'", f"'{spelled}'")
    allowed = ", ".join(_SPELLED.get(each, each) for each in known)
    return file.error(
        [section, "type"],
        f"there is no type {name!r}, so Rasa keeps it in memory, and a restart loses it{hint or '.'} "
        f"Allowed: {allowed}, or the dotted path of a class.",
    )
