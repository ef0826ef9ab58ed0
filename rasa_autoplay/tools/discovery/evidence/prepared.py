"""A finding with the files that it becomes, loaded as the engine loads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.tools.discovery.evidence.aftermath import Ways, ways_of
from rasa_autoplay.tools.discovery.evidence.path_file import path_content, text_of_path
from rasa_autoplay.tools.discovery.evidence.question import question_of
from rasa_autoplay.tools.discovery.evidence.shadow_version import ShadowVersion, read_path, shadow_version
from rasa_autoplay.tools.discovery.evidence.trigger_file import entry_of, text_of_entry
from rasa_autoplay.tools.discovery.finding import Finding

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """A finding, ready to be tested.

    Args:
        finding: the finding.
        ways: tell what users do after a fire.
        entry: the trigger as plain data.
        trigger: the text of the trigger, without comments.
        path: the text of the golden path's file; empty if there is none.
        version: the team's files with this trigger only.
    """

    finding: Finding
    ways: Ways
    entry: Mapping[str, Any]
    trigger: str
    path: str
    version: ShadowVersion


def prepare(finding: Finding, base: Configuration, language: str) -> Prepared:
    """Write and load the trigger and the path of a finding.

    Args:
        finding: the finding.
        base: the team's files.
        language: the language of the app, for the question; empty if unknown.

    Raises:
        ConfigError: the engine would not load them.
    """
    draft = finding.path if finding.path is not None and finding.path.steps else None
    path = text_of_path(path_content(finding, draft), finding, draft) if draft is not None else ""
    entry = entry_of(finding, question_of(finding, language), has_path=bool(path))
    trigger = text_of_entry(entry)
    version = shadow_version(base, trigger, read_path(path) if path else None)
    return Prepared(finding, ways_of(finding), entry, trigger, path, version)
