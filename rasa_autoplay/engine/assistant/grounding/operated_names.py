"""Names of controls that an answer operates: "press save", "the turbo button", "den Turbo-Knopf"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

from rasa_autoplay.engine.assistant.grounding.ground_truth import NAME, GroundTruth, plain
from rasa_autoplay.engine.assistant.grounding.ui_words import (
    CHOOSE_DE,
    CONTROLS,
    CONTROLS_DE,
    CONTROLS_ROMANCE,
    GENERIC,
    GENERIC_DE,
    GENERIC_ROMANCE,
    OPERATE,
    OPERATE_DE,
    OPERATE_ROMANCE,
    PICK,
    STOPS,
    TRANSLATED,
    is_romance,
    words_of,
)

__all__ = ["foreign_chunks", "operated_names"]

_WORD = r"[^\s.,;:!?()\[\]{}\"“”„«»<>|]+"
#: A lookahead, because the object may contain the next operation.
_OBJECT = rf"(?=\s{{0,4}}:?\s{{1,4}}((?:{_WORD}\s{{0,4}}){{1,7}}))"
_OPERATED = re.compile(rf"\b(?:{OPERATE}){_OBJECT}", re.IGNORECASE)
_PICKED = re.compile(rf"\b(?i:{PICK})(?i:\s+(?:the|a|an|on))?:?\s+((?:[A-ZÄÖÜ][\w&/-]*\s?)+)")
_BEFORE_CONTROL = re.compile(
    rf"(?<![\w'&⋯/-])((?:[\w'&⋯/]{{1,40}}[ -]{{1,3}}){{1,4}})((?:{CONTROLS})s?)\b", re.IGNORECASE
)
#: The words before these are the control's exact name.
_STRICTLY_NAMED = re.compile(r"button|tab|link|toggle|switch|wizard|mode|shortcut", re.IGNORECASE)
_AFTER_CONTROL = re.compile(
    rf"\b(?i:called|named|labell?ed|titled|marked|that (?:says|reads)|known as)\s+({_WORD}(?:\s[A-Z]\w*)*)"
    rf"|\b(?i:{CONTROLS})s?:\s+([A-Z][\w&/-]*)"
)
_LONGEST_COMPOUND = 60
_GENERIC_ANYWHERE = GENERIC | GENERIC_DE | GENERIC_ROMANCE
#: "separately", but not "apply".
_ADVERB = re.compile(r"\w{3,}(?<!app)(?<!rep)(?<!supp)(?<!assemb)(?<!multip)(?<!fami)ly")
_ARTICLES = words_of(
    """
    the a an this that your my its each every all any some on it them these those
    """
)

_OPERATED_DE = re.compile(rf"\b(?:{OPERATE_DE})(?=\s{{1,4}}((?:{_WORD}\s{{0,4}}){{1,5}}))", re.IGNORECASE)
_CHOSEN_DE = re.compile(rf"\b(?i:{CHOOSE_DE})\s+([A-ZÄÖÜ][\w-]+)")
_VERB_LAST_DE = re.compile(
    r"\bauf\s+(?:(?:den|die|das)\s+)?([A-ZÄÖÜ][\w-]*(?:\s[A-ZÄÖÜ][\w-]*)*)\s+(?:klick|tipp|drück)"
    r"|(?<!den )(?<!die )(?<!das )(?<![\w-])([A-ZÄÖÜ][\w-]+)"
    r"\s+(?:anklick|auswähl|öffnen|drücken|wählen|aktivieren)"
)
_CONTROL_DE = re.compile(
    rf"\b(?i:{CONTROLS_DE})\s+([A-ZÄÖÜ][\w-]+)|(?<![\w-])([\w-]{{1,40}})-(?i:{CONTROLS_DE})\b"
    rf"|\b([A-ZÄÖÜ][a-zäöüß]{{3,}}?)s?(?:menü|knopf|taste|schaltfläche|reiter|button|modus|assistent)\b"
)
_COMMON_DE = words_of(
    """
    drei punkte options kontext auswahl drop down dropdown haupt dreipunkt mehr punkt sie ihre dann und
    der tabellen projekt prioritäts schluss bearbeitungs sammel massen klein kleine maus
    """
)
_CLAUSE_ENDS_DE = words_of("und dann oder um damit bis oben unten neben in im am über vor")
_OPERATED_ROMANCE = re.compile(
    rf"\b(?:{OPERATE_ROMANCE})(?=\s{{1,4}}((?:{_WORD}\s{{0,4}}){{1,4}}))", re.IGNORECASE
)
_CONTROL_ROMANCE = re.compile(rf"\b(?:{CONTROLS_ROMANCE})\s+({_WORD})", re.IGNORECASE)


def operated_names(text: str, truth: GroundTruth) -> Iterator[str]:
    """Find names that are pressed, opened or called a button, and that the truth does not have.

    Args:
        text: the answer, with real controls' names replaced by :data:`NAME`.
        truth: what may be named.
    """
    for match in _OPERATED.finditer(text):
        words = _up_to_stop(match.group(1).split())
        if truth.is_german:  # An English answer translates German steps, so only capitalised words are names.
            words = [word for word in words if word[:1].isupper()]
        yield from foreign_chunks(words, truth)
    for match in _PICKED.finditer(text):
        yield from foreign_chunks(match.group(1).split(), truth)
    for match in _BEFORE_CONTROL.finditer(text):
        words = _since_stop(re.split(r"[\s-]+", match.group(1).strip(" -")))
        chunk = " ".join(words)
        if truth.is_name(match.group(2)) and match.group(2)[:1].isupper():
            continue  # Here, "Settings" is a name and not a kind of control.
        if _STRICTLY_NAMED.match(match.group(2)) and not any(map(_is_generic, words)):
            yield from [] if truth.is_name(chunk) or truth.is_icon(chunk) else [chunk]
        elif chunk[:1].isupper() and not (truth.is_name(chunk) or any(map(_is_generic, words))):
            yield chunk
        yield from foreign_chunks(words, truth)
    for match in _AFTER_CONTROL.finditer(text):
        yield from foreign_chunks((match.group(1) or match.group(2)).split(), truth)
    yield from _german(text, truth)
    if is_romance(text):
        yield from _romance(text, truth)


def _up_to_stop(words: Sequence[str]) -> Sequence[str]:
    """Cut an object after its name: without articles before it, and up to the first stop word."""
    begun = next((at for at, word in enumerate(words) if word.lower() not in _ARTICLES), len(words))
    end = next((at for at in range(begun, len(words)) if words[at].lower() in STOPS), len(words))
    return words[begun:end]


def _since_stop(words: Sequence[str]) -> Sequence[str]:
    for at in range(len(words) - 1, -1, -1):
        if words[at].lower() in STOPS or words[at].lower() in GENERIC:
            return words[at + 1 :]
    return words[-1:]


def foreign_chunks(words: Sequence[str], truth: GroundTruth) -> Iterator[str]:
    """Split at generic words, and return the runs between them that the truth does not have together."""
    chunk: list[str] = []
    for word in [*words, "the"]:
        if not _is_generic(word):
            chunk.append(word)
            continue
        if chunk and not truth.holds_loosely(" ".join(chunk)):
            yield " ".join(chunk)
        chunk = []


@lru_cache(maxsize=1024)
def _is_generic(word: str) -> bool:
    words = plain(word.partition("'")[0].partition("’")[0]).split()
    return NAME in word or all(w in _GENERIC_ANYWHERE or w.isdigit() or _ADVERB.fullmatch(w) for w in words)


def _german(text: str, truth: GroundTruth) -> Iterator[str]:
    for match in _OPERATED_DE.finditer(text):
        for word in _clause(match.group(1)):
            if word[:1].isupper() and not (
                _is_common_german(word, truth) or _translates(word.lower(), truth)
            ):
                yield word
    for pattern in (_CHOSEN_DE, _VERB_LAST_DE, _CONTROL_DE):
        for match in pattern.finditer(text):
            name = next(filter(None, match.groups()))
            words = re.split(r"[\s-]+", name)
            # The answer gives a control's name in the language of the screen.
            is_prose = pattern is not _CONTROL_DE and all(_translates(w.lower(), truth) for w in words)
            if not (is_prose or all(_is_common_german(word, truth) for word in words)):
                yield name


def _clause(words: str) -> Iterator[str]:
    return takewhile(lambda word: word.lower() not in _CLAUSE_ENDS_DE, words.split())


def _is_common_german(word: str, truth: GroundTruth) -> bool:
    plain_word = plain(word)
    parts = plain_word.split()
    known = GENERIC_DE | _COMMON_DE
    return NAME in word or all(p in known or len(p) < 2 for p in parts) or truth.holds_loosely(plain_word)


def _translates(word: str, truth: GroundTruth) -> bool:
    """Whether a German word, or each half of "Mitgliederliste", translates a word of the steps."""
    if len(word) > _LONGEST_COMPOUND:
        return False
    halves = ((word[:at], word[at:]) for at in range(3, len(word) - 2))
    return any(
        all(part in TRANSLATED and truth.knows(TRANSLATED[part]) for part in parts)
        for parts in ((word,), *halves)
    )


def _romance(text: str, truth: GroundTruth) -> Iterator[str]:
    for match in _OPERATED_ROMANCE.finditer(text):
        for word in match.group(1).split():
            if word[:1].isupper() and not (NAME in word or truth.holds_loosely(word)):
                yield word
    for match in _CONTROL_ROMANCE.finditer(text):
        word = match.group(1)
        is_plain = plain(word) in GENERIC_ROMANCE or plain(word) in GENERIC or plain(word) in GENERIC_DE
        if not (NAME in word or is_plain or truth.knows(word)):
            yield word
