"""Names recognised only by their capital: "you will find it in Settings", "BulkEdit", "the fix: Turbo"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_autoplay.engine.assistant.grounding.ground_truth import NAME, GroundTruth, plain
from rasa_autoplay.engine.assistant.grounding.operated_names import foreign_chunks
from rasa_autoplay.engine.assistant.grounding.ui_words import DATES, GENERIC, is_german, words_of

__all__ = ["capitalised_names"]

_SENTENCE_END = re.compile(r"(?<=[.!?\n])\s+|\n")
_BULLET = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•–])\s+")
#: After these a new clause begins, so a capital on its first word means nothing.
_CLAUSE = re.compile(r"(?:[:–—•*]|\s-)\s+[\"“'(]?$")
_CAPITALISED = re.compile(r"(?<![\w-])[A-ZÀ-ÖØ-Þ][\w&/’'-]*")
_CAMEL = re.compile(r"(?<!\w)(?:[a-z]+|[A-Z][a-z]+)[A-Z]\w*|(?<!\w)\w+_\w+")
_SUBJECT = re.compile(
    r"^(?:The\s+)?([A-Z]\w+)\s+(?:is|has|lets|does|will|opens|shows|contains|holds|gives)\b"
)
_SMALL_TALK = words_of(
    """
    good great nice question idea news work luck thanks kind regards cheers best simple
    """
)
_SHORT_FORM = 4
_PLACED = re.compile(
    r"\b(?:in|under|to|the|a|an|your|this|on|from|via|through|of|into|called|with)\s+$", re.IGNORECASE
)
_SHORTENED = re.compile(r"[’'](?:s|ll|ve|re|d|m|t)$")
_FEW_WORDS = 3
#: This many characters before a word show what the word is.
_MAX_BEFORE = 24
#: The first character that is not a quotation mark, emphasis or space.
_FIRST_SIGN = re.compile(r"[^ \"“”‘'«*_(¡¿]")
_SHOUTED = 2


def capitalised_names(text: str, truth: GroundTruth) -> Iterator[str]:
    """Find capitalised words that neither spelling rules nor the truth explain.

    German capitalises every noun, so German sentences are skipped: the other checks cover them.

    Args:
        text: the answer, with real controls' names replaced by :data:`NAME`.
        truth: what may be named.
    """
    for match in _CAMEL.finditer(text):
        if not truth.holds(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", match.group(0))):
            yield match.group(0)
    is_german_text = is_german(text)
    for sentence in _SENTENCE_END.split(text):
        bare = _BULLET.sub("", sentence)
        if is_german(bare) or (is_german_text and not is_english_clearly(bare)):
            continue
        yield from _in_sentence(bare, truth)
        yield from _fragment(bare, truth)


def is_english_clearly(sentence: str) -> bool:
    """Whether a sentence within a German text is clearly English."""
    return len(re.findall(r"\b(?:the|and|then|you|your|to|it|click|press|open|go)\b", sentence, re.I)) > 1


def _in_sentence(sentence: str, truth: GroundTruth) -> Iterator[str]:
    subject = _SUBJECT.match(sentence)
    if subject and not _is_allowed(subject.group(1), truth):
        yield subject.group(1)
    words = [w for w in re.findall(r"[^\W\d]{2,}", sentence) if w not in ("OK",)]
    if len(words) >= _SHOUTED and all(word.isupper() for word in words):
        return  # The whole sentence is in capitals, so they mean nothing.
    first = _FIRST_SIGN.search(sentence)
    for match in _CAPITALISED.finditer(sentence):
        is_first = first is None or match.start() <= first.start()
        before = sentence[max(0, match.start() - _MAX_BEFORE) : match.start()]
        if is_first or _CLAUSE.search(before):
            continue
        is_placed = bool(_PLACED.search(before))
        is_short_form = match.group(0).isupper() and 1 < len(match.group(0)) <= _SHORT_FORM
        if is_short_form and not is_placed:
            continue  # "UPS" names no control, unless it is in a place where a control's name would be.
        is_name_by_place = is_placed and not match.group(0).isupper() and plain(match.group(0)) not in DATES
        is_allowed = _is_in if is_name_by_place else _is_allowed  # "the Drop zone" is a name, not the verb
        if not is_allowed(match.group(0), truth):
            yield match.group(0)


def _fragment(sentence: str, truth: GroundTruth) -> Iterator[str]:
    """ "Settings." or "One button: Turbo.": too short to be anything but a name."""
    tail = sentence.rpartition(":")[2].strip()
    if tail.endswith(("!", "?")) or not tail[:1].isupper():
        return
    words = plain(tail.replace(NAME, " ")).split()
    if len(words) > _FEW_WORDS or NAME in tail:
        return
    if not set(words) <= truth.people | _SMALL_TALK:
        yield from foreign_chunks(tail.rstrip(".").split(), truth)


def _is_allowed(word: str, truth: GroundTruth) -> bool:
    bare = _SHORTENED.sub("", word)
    words = plain(bare).split()
    if all(w in GENERIC for w in words) or plain(bare) in truth.people:
        return True
    return _is_in(word, truth)


def _is_in(word: str, truth: GroundTruth) -> bool:
    bare = _SHORTENED.sub("", word)
    return plain(bare) in truth.people or truth.holds_loosely(bare) or truth.knows(bare)
