"""Checks that the configured sources report what golden paths and triggers need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, read_golden_paths
from rasa_autoplay.engine.knowledge.way_matcher import WayMatcher
from rasa_autoplay.engine.triggers.unseen import Unseen, unseen_by
from rasa_autoplay.events.source_abilities import ABILITIES
from rasa_autoplay.settings.bot_language import bot_language
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.limits import USER_ZONE
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.golden_paths import placed_ways
from rasa_autoplay.tools.validation.readable_files import content_of, readable_channels_file

__all__ = ["check_sources"]

#: Keys of credentials.yml that configure a source, with the source's name.
_SOURCES = {
    "capture": "capture",
    "posthog_secret": "posthog",
    "amplitude_secret": "amplitude",
    "stream": "stream",
    "webhook_secret": "webhook",
    "live_activity": "live_activity",
    "fullstory_secret": "fullstory",
}


def check_sources(credentials: Path, engine_file: YamlFile | None, findings: Findings) -> None:
    """Warn about steps and conditions that the configured sources can never satisfy.

    Args:
        credentials: ``credentials.yml``; another check reports its errors.
        engine_file: ``autoplay.yml``; None if it cannot be read.
        findings: collects the warnings.
    """
    data = content_of(engine_file)
    section = content_of(readable_channels_file(credentials)).get(SECTION)
    configured = section if isinstance(section, Mapping) else {}
    sources = [name for key, name in _SOURCES.items() if configured.get(key)]
    if engine_file is None:
        return
    for number, entry in enumerate(_list(data.get("triggers"))):
        if isinstance(entry, Mapping):
            _check_trigger(engine_file, number, entry, sources, findings)
    if sources and not any(ABILITIES[name].user_facts for name in sources):
        _check_courtesy(engine_file, data.get("courtesy"), " and ".join(sources), findings)
    source_names = " and ".join(name for name in sources if not ABILITIES[name].element_ids)
    if not source_names:
        return
    folder = engine_file.path.parent / str(data.get("golden_paths") or "")
    if data.get("golden_paths") and folder.is_dir():
        for path_file, path in read_golden_paths(folder, bot_language(engine_file), ErrorCollector()):
            _check_path(path_file, path, source_names, findings)


def _check_trigger(
    file: YamlFile, number: int, entry: Mapping[str, Any], sources: Sequence[str], findings: Findings
) -> None:
    limited: dict[Unseen, list[str]] = {}
    for name in sources:
        for unseen in unseen_by(entry, ABILITIES[name]):
            limited.setdefault(unseen, []).append(name)
    for unseen, names in limited.items():
        place = _place(file, ("triggers", number, *unseen.place))
        if unseen.is_addable:
            # Another source may bring the same user's.
            if len(names) == len(sources):
                findings.warn(f"{place}: {_addable(unseen.missing, ' and '.join(names))}")
            continue
        findings.warn(
            f"{place}: {unseen.missing} never arrives from {' and '.join(names)}; only the PostHog sources "
            "report it."
        )


def _check_courtesy(file: YamlFile, courtesy: object, source_names: str, findings: Findings) -> None:
    """Warn about gates that need what no source delivers by itself."""
    gates = courtesy if isinstance(courtesy, Mapping) else {}
    explore, quiet = gates.get("explore_first"), gates.get("quiet_hours")
    if isinstance(explore, Mapping) and explore.get("roles"):
        place = _place(file, ("courtesy", "explore_first", "roles"))
        findings.warn(f"{place}: {_addable('the role of the user', source_names)}")
    if isinstance(quiet, Mapping) and quiet.get("tz", USER_ZONE) == USER_ZONE:
        place = _place(file, ("courtesy", "quiet_hours"))
        fallback = quiet.get("fallback_tz") or "UTC"
        findings.warn(
            f"{place}: {_addable('the time zone of the user', source_names)}. Without it, {fallback} counts"
        )


def _addable(missing: str, source_names: str) -> str:
    return f"{missing} arrives from {source_names} only if you add it to what you send (docs/sources.md)"


def _check_path(file: YamlFile, path: GoldenPath, source_names: str, findings: Findings) -> None:
    for location, step, way in placed_ways(path):
        if way.done_when is None:
            continue
        name = WayMatcher(path, step, way, way.done_when).named_by
        if name in ("done_when", "label"):
            continue
        place = _place(file, (*location, "done_when"))
        recognized = (
            f"only recognized by an action called {step.title!r}" if name == "title" else "never recognized"
        )
        what = f"the step {step.id!r}" if len(step.ways) == 1 else f"this way to do the step {step.id!r}"
        findings.warn(
            f"{place}: {source_names} cannot report element ids, so {what} is {recognized}: "
            "add a visible label to the element, or a title to done_when."
        )


def _place(file: YamlFile, location: Sequence[str | int]) -> str:
    return f"{file.path.name}:{file.line_of(tuple(location))}: {'.'.join(map(str, location))}"


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
