"""No label that is not in the app: checks an answer against the steps that it explains."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from rasa_autoplay.knowledge.golden_path import GoldenPath

__all__ = ["foreign_labels"]

_QUOTES = '"“”„‟«»‹›「」『』＂'
_CONTROLS = (
    r"(?:button|menu|tab|icon|link|toggle|switch|checkbox|dropdown|panel|wizard|shortcut|option|entry)s?"
)

#: What stands between marks that say "these are the very words". A quote may begin and end with any of them.
_MARKED = re.compile(
    rf"[{_QUOTES}]([^{_QUOTES}]{{1,80}})[{_QUOTES}]"
    r"|(?<!\w)['‘’‚]([^'‘’\n]{1,80})['‘’](?!\w)"
    r"|(?<![\w*])\*{1,3}(?!\s)([^*\n]{1,80})\*"
    r"|(?<!\w)_{1,3}(?!\s)([^_\n]{1,80})_{1,3}(?!\w)"
    r"|`([^`\n]{1,80})`|\[([^\]\n]{1,80})\]"
)
#: "click Save All", "press: Turbo": a capitalised name after a word of operating something.
_OPERATED = re.compile(
    r"\b(?i:click|press|tap|hit|choose|select|open|pick|use|toggle|go to)"
    r"(?:ing|s|ed)?:?\s+(?:on\s+)?(?:the\s+)?((?:[A-Z][\w&/-]*)(?:\s+[A-Z][\w&/-]*)*)"
)
#: A capital within a sentence: "you will find it in Settings". Steps write names that way, and little else.
_CAPITALISED = re.compile(r"(?<=[^\s.!?:…•*#–—\-][ \t\u00a0])([A-Z][\w&/-]+)")
#: "the turbo button", "Admin-menu", and what stands behind: "the button called turbo", "one button: Turbo".
_BEFORE_CONTROL = re.compile(rf"([^\s{_QUOTES}(),.;:]{{1,40}})[\s-]+{_CONTROLS}\b", re.IGNORECASE)
_AFTER_CONTROL = re.compile(
    r"\b(?i:called|named|labell?ed|titled|marked|that says)\s+([\w⋯&/-]+)"
    rf"|\b(?i:{_CONTROLS}):\s+([A-Z][\w&/-]*)"
)
_KEYS = re.compile(r"\b(?:ctrl|cmd|command|alt|shift|option)\s*[+-]\s*\w+|[⌘⌥⌃⇧]\s*\w+", re.IGNORECASE)
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|https?://|\bwww\.|<[a-zA-Z/]")
_CERTAIN = (_MARKED, _KEYS)
_LIKELY = (_OPERATED, _BEFORE_CONTROL, _AFTER_CONTROL)

_NO_NAMES = frozenset(
    {"a", "an", "and", "any", "each", "in", "its", "of", "ok", "on", "one", "or", "that", "the", "this", "to"}
)


def foreign_labels(answer: str, path: GoldenPath, names: Sequence[str] = ()) -> list[str]:
    """The names in an answer that stand nowhere in the steps.

    It would rather refuse a good answer than let an invented button through: then the steps are sent as they
    are.

    Args:
        answer: what the model wrote.
        path: the ground truth.
        names: people's, which may be capitalised.

    Returns:
        Each quoted, emphasised, capitalised or operated name that the path's texts do not hold, in any case;
        and links or markup, which steps never have. Empty when the answer invents nothing.
    """
    truth = _plain(" \n ".join(_texts(path)))
    named = [*_names(_CERTAIN, answer)]
    named += [n for n in _names(_LIKELY, answer) if n.lower() not in _NO_NAMES]
    named += [n for n in _CAPITALISED.findall(answer) if n not in names and n.lower() not in _NO_NAMES]
    foreign = [name for name in named if not _stands_in(_plain(name), truth)]
    return foreign + [match.group(0) for match in _LINK.finditer(answer)]


def _names(patterns: Iterable[re.Pattern[str]], answer: str) -> Iterator[str]:
    for pattern in patterns:
        for match in pattern.finditer(answer):
            yield next(filter(None, match.groups()), match.group(0))


def _texts(path: GoldenPath) -> Iterable[str]:
    yield from (path.title, path.description)
    for step in path.steps:
        yield from (step.title, step.text, step.label or "", step.tooltip or "")


def _plain(text: str) -> str:
    return " ".join("".join(c if _counts(c) else " " for c in text.lower()).split())


def _counts(character: str) -> bool:
    # An icon is a symbol, and can be invented too.
    return character.isalnum() or character in "_&/" or unicodedata.category(character).startswith("S")


def _stands_in(name: str, truth: str) -> bool:
    # "Apply to N" in the steps is "Apply to 3" on the screen.
    with_number = re.sub(r"\b\d+\b", "n", name)
    return not name or f" {name} " in f" {truth} " or f" {with_number} " in f" {truth} "
