"""Loads the triggers of findings as the engine would, so that no proposal is refused later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.durations import parse_duration_s
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.limits import LimitSettings
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.discovery.findings.finding import Finding

__all__ = ["Refused", "with_valid_triggers"]

#: A finding, and why the engine would refuse its trigger.
Refused = tuple[Finding, str]


def with_valid_triggers(
    findings: Iterable[Finding], settings: EngineSettings, path_ids: Sequence[str] = ()
) -> tuple[list[Finding], list[Refused]]:
    """Fit triggers to the project's window, and load each of them.

    Args:
        findings: the findings.
        settings: the project's ``autoplay.yml``.
        path_ids: ids of the project's golden paths.

    Returns:
        The findings whose triggers load, and the others with the loader's words.
    """
    valid: list[Finding] = []
    refused: list[Refused] = []
    lookback_s = settings.session.window.lookback
    for finding in findings:
        trigger = {**finding.trigger, "when": _fitted(finding.trigger.get("when"), lookback_s)}
        try:
            _load(trigger, [*path_ids, finding.id], settings)
        except ConfigError as problem:
            refused.append((finding, str(problem)))
        else:
            valid.append(replace(finding, trigger=trigger))
    return valid, refused


def _load(trigger: dict[str, Any], path_ids: Sequence[str], settings: EngineSettings) -> None:
    file = YamlFile(Path("trigger.yml"), json.dumps({"triggers": [trigger]}).encode())
    entries = [file.read_as(TriggerSettings, trigger, ("triggers", 0))]
    load_triggers(settings.copy(update={"triggers": entries, "courtesy": LimitSettings()}), path_ids, file)


def _fitted(when: Any, lookback_s: float) -> Any:
    """Shorten what looks further back than the project's window, without changing anything else."""
    if isinstance(when, list):
        return [_fitted(each, lookback_s) for each in when]
    if not isinstance(when, dict):
        return when
    fitted = {key: _fitted(value, lookback_s) for key, value in when.items()}
    if "within" in fitted and parse_duration_s(fitted["within"]) > lookback_s:
        fitted["within"] = f"{lookback_s:g}s"
    return fitted
