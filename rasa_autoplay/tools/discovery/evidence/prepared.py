"""A finding with the files that it becomes, loaded as the engine loads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.tools.discovery.evidence.aftermath import Ways, ways_of
from rasa_autoplay.tools.discovery.evidence.path_file import path_content, text_of_path
from rasa_autoplay.tools.discovery.evidence.question import Question, question_of
from rasa_autoplay.tools.discovery.evidence.shadow_version import ShadowVersion, read_path, shadow_version
from rasa_autoplay.tools.discovery.evidence.trigger_file import entry_of, text_of_entry
from rasa_autoplay.tools.discovery.evidence.words import Words
from rasa_autoplay.tools.discovery.findings.finding import Finding

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """A finding, ready to be tested.

    Args:
        finding: the finding.
        ways: tell what users do after a fire.
        question: the question as it was made of labels.
        content: the golden path as plain data, as it was drafted; empty if there is none.
        entry: the trigger as plain data.
        trigger: the text of the trigger, without comments.
        path: the text of the golden path's file; empty if there is none.
        version: the team's files with this trigger only.
    """

    finding: Finding
    ways: Ways
    question: Question
    content: Mapping[str, Any]
    entry: Mapping[str, Any]
    trigger: str
    path: str
    version: ShadowVersion

    def reworded(self, base: Configuration, words: Words) -> Prepared:
        """Return the same proposal with other words for users.

        Args:
            base: the team's files.
            words: the question and the tooltips.

        Raises:
            ConfigError: the engine would not load them.
        """
        steps = [
            {**step, "tooltip": words.tooltips[step["id"]]} if step["id"] in words.tooltips else step
            for step in self.content.get("steps", ())
        ]
        content = {**self.content, "steps": steps} if steps else {}
        entry, trigger, path, version = _loaded(self.finding, base, words.question, content)
        return replace(self, entry=entry, trigger=trigger, path=path, version=version)


def prepare(finding: Finding, base: Configuration, language: str) -> Prepared:
    """Write and load the trigger and the path of a finding.

    Args:
        finding: the finding.
        base: the team's files.
        language: the language of the app, for the question; empty if unknown.

    Raises:
        ConfigError: the engine would not load them.
    """
    has_steps = finding.path is not None and finding.path.steps
    content = path_content(finding, finding.path) if finding.path is not None and has_steps else {}
    question = question_of(finding, language)
    entry, trigger, path, version = _loaded(finding, base, question.text, content)
    return Prepared(finding, ways_of(finding), question, content, entry, trigger, path, version)


def _loaded(
    finding: Finding, base: Configuration, question: str, content: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str, str, ShadowVersion]:
    path = text_of_path(content, finding, finding.path) if finding.path is not None and content else ""
    entry = entry_of(finding, question, has_path=bool(path))
    trigger = text_of_entry(entry)
    return entry, trigger, path, shadow_version(base, trigger, read_path(path) if path else None)
