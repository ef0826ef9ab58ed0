"""Identifies a step's definition: what users do to it counts only while the definition stays the same."""

from __future__ import annotations

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step
from rasa_autoplay.settings.fingerprints import fingerprint_of

__all__ = ["digest_of", "digests_of"]

#: The fields of a step that name its control; texts may be improved without starting afresh.
_FIELDS = frozenset({"element", "label", "done_when", "any"})


def digest_of(step: Step) -> str:
    """Return the digest of a step's element, label, ``done_when`` and other ways.

    What counts as done depends on all languages of a label, but not on their order.
    """
    content = step.source.dict(include=_FIELDS)
    content["label"] = _in_all_languages(step.source.label)
    for way, written in zip(step.source.any or (), content["any"] or (), strict=True):
        written["label"] = _in_all_languages(way.label)
    return fingerprint_of(content)


def _in_all_languages(label: str | None) -> object:
    return sorted(label.items()) if isinstance(label, Text) else label


def digests_of(path: GoldenPath) -> dict[str, str]:
    """Return the digest of each step of a path, by the step's id."""
    return {step.id: digest_of(step) for step in path.steps}
