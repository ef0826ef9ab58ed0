"""Writes a suspect step without the label that may be wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.common.sentences.sentences import sentences_in
from rasa_autoplay.engine.freshness.suspect import Suspect
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step

__all__ = ["without_doubtful_labels"]

_QUOTES = "[\"“”„'‘’«»]"


def without_doubtful_labels(path: GoldenPath, suspects: Iterable[Suspect]) -> GoldenPath:
    """Return a path whose suspect steps do not name their controls, in any language.

    Args:
        path: the golden path.
        suspects: its suspect steps.
    """
    doubtful = {suspect.step_id for suspect in suspects if suspect.is_label_doubtful}
    if not doubtful:
        return path
    steps = [_plain(step) if step.id in doubtful else step for step in path.source.steps]
    return path.with_steps(steps)


def _plain(step: Step) -> Step:
    labels = sorted(step.labels_in_every_language, key=len, reverse=True)
    nameless = [way.copy(update={"label": None}) for way in step.ways]
    own, *others = dict.fromkeys(way for way in nameless if way.element or way.done_when) or [None]
    return Step(
        id=step.id,
        title=step.title,
        text=_without(step.text, labels),
        tooltip=_without(step.tooltip, labels) if step.tooltip else None,
        several=step.several,
        optional=step.optional,
        any=others or None,
        **({"element": own.element, "done_when": own.done_when} if own else {}),
    )


def _without(text: str, labels: Iterable[str]) -> str:
    """The text in all its languages, without these names. A text without a language gets English words."""
    if isinstance(text, Text) and text.languages:
        return Text({tag: _without_in((tag,), each, labels) for tag, each in text.items()})
    return _without_in((), str(text), labels)


def _without_in(languages: Sequence[str], text: str, labels: Iterable[str]) -> str:
    sentences, plain = sentences_in(languages), text
    for label in labels:
        plain = _pattern_of(label).sub(sentences.instead_of_name, plain)
    return plain if plain == text else f"{plain} {sentences.name_changed}"


def _pattern_of(label: str) -> re.Pattern[str]:
    """Match a label as a whole, with its quotes."""
    name = re.escape(label)
    start = r"\b" if label[:1].isalnum() else ""
    end = r"\b" if label[-1:].isalnum() else ""
    return re.compile(f"{_QUOTES}{name}{_QUOTES}|{start}{name}{end}", re.IGNORECASE)
