"""Warns about toasts that promise what the copilot cannot do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rasa_autoplay.common.languages.text import texts_by_tag
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings

__all__ = ["check_promises"]

_SHOW = re.compile(r"\bshow (?:you|me)\b|\btour\b|\bwalk you through\b", re.IGNORECASE)
_SHOW_YOU = re.compile(r"\bshow you\b", re.IGNORECASE)
_Place = tuple["str | int", ...]


def check_promises(
    file: YamlFile,
    settings: EngineSettings,
    triggers: Sequence[ConfiguredTrigger],
    paths: Mapping[str, GoldenPath],
    findings: Findings,
) -> None:
    """Check each trigger.

    Args:
        file: ``autoplay.yml``.
        settings: its content.
        triggers: its triggers, as they were built.
        paths: the golden paths by id.
        findings: collects the warnings.
    """
    finds_path = {trigger.id: trigger.finds_workflow or bool(trigger.golden_path) for trigger in triggers}
    for number, entry in enumerate(settings.triggers):
        place: _Place = ("triggers", number)
        for at, text, path_id in _offers(entry):
            for tag, body in texts_by_tag(text):
                where = (*place, *at, tag) if tag else (*place, *at)
                _check_show(file, where, body, entry, paths.get(path_id or ""), findings)
        has_path = finds_path.get(entry.id or entry.builtin or "", True)
        if not has_path and not _paths_of(entry) and settings.llm is None:
            example = next(iter(paths), "its-id")
            findings.warn(
                f"{_place(file, place)}: it has no golden path and there is no llm, so Open chat has "
                f"nothing to explain. Write:\n    golden_path: {example}"
            )


def _check_show(
    file: YamlFile,
    place: _Place,
    body: str,
    entry: TriggerSettings,
    path: GoldenPath | None,
    findings: Findings,
) -> None:
    if path is None or path.tour_steps() or path.flow_id or entry.tours or not _SHOW.search(body):
        return
    honest = _SHOW_YOU.sub("explain it to you", body)
    instead = f" Write instead:\n    {place[-1]}: {honest}" if honest != body and ": " not in honest else ""
    findings.warn(
        f"{_place(file, place)}: the text promises to show something, but no step of the golden path "
        f"{path.id!r} has an element and it has no flow_id, so there is no Show me. Give a step an element"
        f"{', or change the text.' if instead else '.'}{instead}"
    )


def _offers(entry: TriggerSettings) -> Iterator[tuple[_Place, str, str | None]]:
    """Yield the texts of a trigger and its variants, each with its place and the golden path behind it."""
    if entry.body:
        yield ("body",), entry.body, entry.golden_path
    for number, variant in enumerate(entry.variants):
        yield ("variants", number, "body"), variant.body, variant.golden_path or entry.golden_path


def _paths_of(entry: TriggerSettings) -> bool:
    return bool(entry.golden_path or entry.tours or any(variant.golden_path for variant in entry.variants))


def _place(file: YamlFile, location: _Place) -> str:
    return f"{file.path.name}:{file.line_of(location)}: {'.'.join(map(str, location))}"
