"""No label that is not in the app: checks an answer against the steps that it explains."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rasa_autoplay.knowledge.golden_path import GoldenPath

__all__ = ["foreign_labels"]

_QUOTED = re.compile(
    r"\"([^\"\n]{1,80})\"|“([^”\n]{1,80})”|„([^“”\n]{1,80})[“”]|«([^»\n]{1,80})»|‘([^’\n]{1,80})’"
    r"|\*\*([^*\n]{1,80})\*\*|__([^_\n]{1,80})__|`([^`\n]{1,80})`|(?<!\w)'([^'\n]{1,80})'(?!\w)"
)
#: "click Save All", "press the Bulk button": a capitalised name after a word of operating something.
_OPERATED = re.compile(
    r"\b(?:[Cc]lick|[Pp]ress|[Tt]ap|[Hh]it|[Cc]hoose|[Ss]elect|[Oo]pen|[Pp]ick|[Uu]se|[Tt]oggle|[Gg]o to)"
    r"(?:ing|s|ed)?\s+(?:on\s+)?(?:the\s+)?((?:[A-Z][\w&/-]*)(?:\s+[A-Z][\w&/-]*)*)"
)
#: "the turbo button", "Admin menu": what stands before the word for a control.
_CONTROL = re.compile(
    r"([\w⋯&/-]+)\s+(?:button|menu|tab|icon|link|toggle|switch|checkbox|dropdown|panel|wizard|shortcut)s?\b",
    re.IGNORECASE,
)
_KEYS = re.compile(r"\b(?:ctrl|cmd|command|alt|shift|option)\s*\+\s*\w+", re.IGNORECASE)
_NO_NAMES = frozenset({"a", "an", "and", "each", "in", "its", "of", "on", "or", "that", "the", "this", "to"})
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|https?://|<[a-zA-Z/]")


def foreign_labels(answer: str, path: GoldenPath) -> list[str]:
    """The names in an answer that stand nowhere in the steps.

    Args:
        answer: what the model wrote.
        path: the ground truth.

    Returns:
        Each quoted, emphasised or operated name that the path's texts do not hold, in any case; and links or
        markup, which steps never have. Empty when the answer invents nothing.
    """
    truth = _plain(" \n ".join(_texts(path)))
    named = [next(filter(None, match.groups())) for match in _QUOTED.finditer(answer)]
    named += [match.group(1) for match in _OPERATED.finditer(answer)]
    named += [match.group(0) for match in _KEYS.finditer(answer)]
    named += [m.group(1) for m in _CONTROL.finditer(answer) if m.group(1).lower() not in _NO_NAMES]
    foreign = [name for name in named if not _stands_in(_plain(name), truth)]
    return foreign + [match.group(0) for match in _LINK.finditer(answer)]


def _texts(path: GoldenPath) -> Iterable[str]:
    yield from (path.title, path.description)
    for step in path.steps:
        yield from (step.title, step.text, step.label or "", step.tooltip or "")


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w⋯&/]+", " ", text.lower()).split())


def _stands_in(name: str, truth: str) -> bool:
    # "Apply to N" in the steps is "Apply to 3" on the screen.
    with_number = re.sub(r"\b\d+\b", "n", name)
    return not name or f" {name} " in f" {truth} " or f" {with_number} " in f" {truth} "
