"""Checks an answer against the steps that it explains: it may name only what the app really has."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from rasa_autoplay.engine.assistant.grounding.capitalised_names import capitalised_names
from rasa_autoplay.engine.assistant.grounding.ground_truth import NAME, QUOTES, GroundTruth, keys_in, plain
from rasa_autoplay.engine.assistant.grounding.operated_names import operated_names
from rasa_autoplay.engine.assistant.grounding.pressed_controls import pressed_names
from rasa_autoplay.engine.assistant.grounding.ui_words import (
    GENERIC,
    NUMBERS,
    OPERATE,
    OPERATE_DE,
    ORDINALS,
    PICK,
    UNITS,
)

__all__ = ["foreign_labels"]

#: Text in quotation marks or code marks, which claims to be exact. Quotes of different kinds may be paired.
_QUOTED = re.compile(
    rf"[{QUOTES}]([^{QUOTES}]{{1,80}})[{QUOTES}]|`([^`]{{1,80}})`|\[([^\]]{{1,80}})\]"
    r"|(?<!\w)['‘’‚]([^'‘’\n]{1,80})['‘’](?!\w)|<(?:kbd|code|q)>([^<]{1,80})<"
)
#: Emphasised text, which can also be a step's heading or just a stressed word.
_EMPHASISED = re.compile(
    r"(?<![\w*])\*{1,3}(?!\s)([^*\n]{1,120}?)\*{1,3}|(?<!\w)_{1,3}(?!\s)([^_\n]{1,120})_{1,3}(?!\w)"
    r"|<(?:b|strong|em|i|u)>([^<]{1,120})<"
)
_OPERATED_BEFORE = re.compile(
    rf"(?:\b(?:{OPERATE}|{OPERATE_DE}|{PICK})|\b(?:with|called|named|labell?ed|titled|marked|says?|reads))"
    r"\s{0,4}:?(?:\s{1,4}(?:the|a|an|this|that|den|die|das|le|la|el|small|new|one|option|button|menu|entry)){0,8}[\s:*_]{0,8}$",
    re.IGNORECASE,
)
_ARROWS = r"\s*(?:[>→›»⟶➔➜⇒▸▶]|->|=>)\s*"
_PART = rf"[\w&⋯'{NAME}](?:[\w&⋯'{NAME}-]{{0,40}}[\w&⋯'{NAME}])?"
_PATH_WORD = r"[\w&⋯'\ue000-]+"
_MENU_PATH = re.compile(
    rf"(?<![\w&⋯'\ue000-])({_PATH_WORD}(?: {_PATH_WORD}){{0,3}})"
    rf"((?:{_ARROWS}{_PATH_WORD}(?: {_PATH_WORD}){{0,3}})+)"
)
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|https?://|\bwww\.|<[a-zA-Z/]")
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
#: "in three quick steps", "5 clicks". "One step" counts only if the answer promises that it is enough.
_COUNT = re.compile(
    rf"\b({_NUMBER})(?:[\s-]+(?!at\b|by\b|more\b)[^\W\d]+){{0,2}}?[\s-]+({UNITS})\b", re.IGNORECASE
)
_PROMISE = re.compile(r"(?:\b(?:in|with|takes?|just|only|by|mit|nur|en|is)\s+)$", re.IGNORECASE)
_AMONG = re.compile(r"\s+(?:on|auf|sur|en)\b")
_STEP_NUMBER = re.compile(rf"\b(?:step|schritt|étape|paso)\s+(?:number\s+)?({_NUMBER})\b", re.IGNORECASE)
_ORDINAL = re.compile(
    rf"\b({'|'.join(ORDINALS)}|\d{{1,3}}(?=th|st|nd|rd))(?:th|st|nd|rd)?\s+(?:step|click)\b", re.IGNORECASE
)
#: "step 4 of 6": the total is a claim too.
_OF_MANY = re.compile(
    rf"\b(?:step|schritt|étape|paso)\s+{_NUMBER}\s*(?:of|out of|von|sur|de|/)\s*(?:the\s+)?({_NUMBER})\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^\s*(\d{1,3})[.)]\s", re.MULTILINE)
#: No real answer is longer than this (characters).
_MAX_ANSWER = 4000
#: An answer that invents this many names is refused without a look at the rest of it.
_MAX_FOUND = 20
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"(?: ?\n){3,}")
_BROKEN_LINES = re.compile(r" ?\n ?(?!\s{0,4}(?:\d{1,3}[.)]|[-*•–]\s|\n))")


def foreign_labels(answer: str, truth: GroundTruth) -> list[str]:
    """Find the names in an answer that the ground truth does not have.

    The check prefers to refuse a good answer over accepting an invented button. The user then gets the steps
    as the golden path has them.

    Args:
        answer: what the model wrote, in Markdown.
        truth: what may be named.

    Returns:
        Each name, menu path, key or number of steps that is not in the truth, and each link or markup that
        leads elsewhere, which steps never contain; at most 20. Empty when the answer invents nothing.
    """
    if len(answer) > _MAX_ANSWER:
        return [f"{answer[:40]}…"]
    return list(dict.fromkeys(islice(_foreign(_readable(answer), truth), _MAX_FOUND)))


def _foreign(text: str, truth: GroundTruth) -> Iterator[str]:
    yield from (match.group(0) for match in _LINK.finditer(text))
    # "press Return items" does not name the Return key.
    yield from (key for key in keys_in(truth.without_names(text)) if key not in truth.keys)
    yield from _foreign_counts(text, truth)
    yield from _foreign_marked(text, truth)
    bare = truth.without_names(truth.without_keys(_without_marks(_BROKEN_LINES.sub(" ", text))))
    yield from _foreign_menu_paths(bare, truth)
    yield from operated_names(bare, truth)
    yield from pressed_names(bare, truth)
    yield from capitalised_names(bare, truth)


def _readable(answer: str) -> str:
    text = unicodedata.normalize("NFKC", html.unescape(answer).replace("…", "..."))
    # Invisible characters in the middle of a word could hide a name.
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").replace("\r", "\n")
    # Long runs of spaces mean nothing, and would slow down the patterns.
    return _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", text))


def _without_marks(text: str) -> str:
    for pattern in (_QUOTED, _EMPHASISED):
        text = pattern.sub(lambda match: next(filter(None, match.groups())), text)
    return text


def _foreign_marked(text: str, truth: GroundTruth) -> Iterator[str]:
    joined = " ".join(text.split())
    # Most marks occur in both forms, and a hostile answer repeats them: each is checked once.
    quoted = dict.fromkeys(_marked(_QUOTED, text, joined))
    emphasised = dict.fromkeys(_marked(_EMPHASISED, text, joined))
    yield from (name for name, before in quoted if not _is_grounded(name, before, truth))
    for name, before in emphasised:
        may_be_heading = name[:1].islower() or not _OPERATED_BEFORE.search(before)
        if not (may_be_heading and _is_heading(name, truth)) and not _is_grounded(name, before, truth):
            yield name


def _marked(pattern: re.Pattern[str], *sources: str) -> Iterator[tuple[str, str]]:
    """The names that a pattern finds, each with the words before it that can say what is done to it."""
    for source in dict.fromkeys(sources):
        for match in pattern.finditer(source):
            yield next(filter(None, match.groups())), source[max(0, match.start() - 60) : match.start()]


def _is_grounded(name: str, before: str, truth: GroundTruth) -> bool:
    words = plain(name)
    parts = re.split(_ARROWS, name)
    if len(parts) > 1:
        return all(map(truth.is_name, parts))
    if not truth.spells(name):
        return False
    if truth.is_name(name) or words in truth.keys:
        return True
    if keys_in(f"press {name}"):
        return False
    is_operated = _OPERATED_BEFORE.search(before)
    if words in truth.people:
        return not is_operated
    # A single capitalised word, or anything that the user is to press, is a name; the rest may be prose.
    if is_operated or (name[:1].isupper() and " " not in words):
        inner = [w for w in words.split() if w not in ("menu", "button", "icon", "the")]
        return truth.is_name(" ".join(inner)) and bool(inner)
    return truth.holds(name)


def _is_heading(name: str, truth: GroundTruth) -> bool:
    """Whether emphasised text is a step's heading, or words that name nothing."""
    left = plain(truth.without_names(name).replace(NAME, " "))
    words = [word for word in left.split() if word not in GENERIC and not word.isdigit()]
    is_title = truth.holds_loosely(name) and len(words) > 1
    return (
        not words or is_title or (not name.istitle() and all(map(truth.holds_loosely, words)) and " " in name)
    )


def _foreign_counts(text: str, truth: GroundTruth) -> Iterator[str]:
    for match in _COUNT.finditer(text):
        number = _number(match.group(1))
        is_one_of_many = _AMONG.match(text, match.end())
        is_claim = number > 1 or (
            _PROMISE.search(text[max(0, match.start() - 20) : match.start()]) and not is_one_of_many
        )
        if is_claim and number not in truth.counts and not truth.holds(match.group(0)):
            yield match.group(0)
    for match in _OF_MANY.finditer(text):
        if _number(match.group(1)) not in truth.counts:
            yield match.group(0)
    for pattern in (_STEP_NUMBER, _ORDINAL, _LISTED):
        for match in pattern.finditer(text):
            if _number(match.group(1)) > truth.longest:
                yield match.group(0).strip()


def _number(word: str) -> int:
    return int(word) if word.isdigit() else (NUMBERS | ORDINALS)[word.lower()]


def _foreign_menu_paths(text: str, truth: GroundTruth) -> Iterator[str]:
    for match in _MENU_PATH.finditer(text):
        first, *rest = re.split(_ARROWS, match.group(0))
        # The menu path can begin at any word before the first arrow.
        first_words = first.split()
        starts = (" ".join(first_words[at:]) for at in range(len(first_words)))
        if not (any(NAME in start or truth.is_name(start) for start in starts) or _is_prose(first, truth)):
            yield first_words[-1]
        for part in rest:
            words = part.split()
            prefixes = (" ".join(words[:upto]) for upto in range(len(words), 0, -1))
            is_named = any(NAME in prefix or truth.is_name(prefix) for prefix in prefixes)
            if words and not is_named and not _is_prose(part, truth):
                yield part.strip()


def _is_prose(part: str, truth: GroundTruth) -> bool:
    """Whether a part between arrows is an instruction in the steps' own words: "choose a picture"."""
    words = part.split()
    known = (plain(word) in GENERIC or truth.knows(word) for word in words)
    return part.strip()[:1].islower() and all(known)
