"""The question of a proposal's toast: one sober sentence, made from the labels of the app."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from rasa_autoplay.common.languages.tags import lookup
from rasa_autoplay.tools.discovery.evidence.labels import label_of
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind

__all__ = ["MAX_QUESTION", "Question", "Questions", "question_of", "questions"]

#: ``rasa-autoplay validate`` warns about longer ones.
MAX_QUESTION = 150


class Questions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The questions in one language, with labels in braces.

    Args:
        repeated: the user repeats ``{slow}``, and ``{fast}`` does it at once.
        shorter: there is a shorter way to ``{goal}``.
        feature: ``{fast}`` saves steps.
        steps: explains how to do ``{goal}``.
        help: the user does not get on with ``{goal}``, or repeats it and no fast way is known.
        page: no label can be shown.
    """

    repeated: str
    shorter: str
    feature: str
    steps: str
    help: str
    page: str


@dataclass(frozen=True)
class Question:
    """A question.

    Args:
        text: the question.
        label: the label in it that the user can press or reach; empty if it has none.
    """

    text: str
    label: str


@cache
def questions() -> dict[str, Questions]:
    """Return the questions in all languages, English first."""
    return msgspec.json.decode(
        (Path(__file__).parent / "questions.json").read_bytes(), type=dict[str, Questions]
    )


def question_of(finding: Finding, language: str) -> Question:
    """Return the question for a finding.

    Args:
        finding: the finding.
        language: the language of the app, which its labels are in; English if it is empty or has no question.
    """
    known = questions()
    words = known[lookup(list(known), [language] if language else []) or "en"]
    fast, slow = label_of(_characteristic(finding)), label_of(_repeated(finding))
    goal = label_of(finding.goal) or label_of(_last(finding.fast_way)) or label_of(_last(finding.slow_way))
    form = _form(finding.kind, words, fast, slow, goal)
    label = fast if "{fast}" in form else goal if "{goal}" in form else ""
    return Question(_filled(form, fast=fast, slow=slow, goal=goal), label)


def _form(kind: FindingKind, words: Questions, fast: str, slow: str, goal: str) -> str:
    if kind is FindingKind.REPETITION:
        return words.repeated if fast and slow else words.help if goal else words.page
    if kind is FindingKind.UNUSED_FEATURE and fast:
        return words.feature
    if not goal:
        return words.page
    if kind is FindingKind.STALL:
        return words.help
    return words.steps if kind is FindingKind.WORKFLOW else words.shorter


def _filled(form: str, **labels: str) -> str:
    for name, label in labels.items():
        form = form.replace(f"{{{name}}}", label)
    return form


def _characteristic(finding: Finding) -> Act | None:
    """Return the first act that only the fast way has; rather one whose name tells what it replaces.

    "Bulk edit" says more about "Edit" than the menu that it is in.
    """
    slow = set(finding.slow_way)
    own = [act for act in finding.fast_way if act not in slow]
    buttons = [act for act in own if not act.is_page_view]
    words = {word for act in slow if act.type == "click" for word in _words(act)}
    telling = (act for act in buttons if act.type == "click" and words & _words(act))
    return next(telling, None) or next(iter(buttons), own[0] if own else None)


def _words(act: Act) -> set[str]:
    return {word for word in act.label.casefold().split() if len(word) > 2 and word.isalpha()}


def _repeated(finding: Finding) -> Act | None:
    """Return the last act of what is repeated: a cycle ends with what it is for."""
    acts = [act for act in finding.slow_way if not act.is_page_view]
    return acts[-1] if acts else None


def _last(acts: tuple[Act, ...]) -> Act | None:
    return acts[-1] if acts else None
