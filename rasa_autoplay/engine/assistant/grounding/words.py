"""Reads a text as words: in which language it is, and what its words can mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rasa_autoplay.engine.assistant.grounding.concepts import LANGUAGES, SPACELESS, without_accents

__all__ = ["NAME", "Reading", "Word", "is_same_word", "read"]

#: Stands for the label within a sentence.
NAME = "\ue000"
_WORD = re.compile(rf"[^\W_]+|{NAME}")
_LATIN_WORD = re.compile(rf"[a-zA-Z]+|{NAME}")
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_SHORT = 4
_ENGLISH = frozenset({"en"})
#: A text is in a language if at least this share of its words are small words of it.
_KNOWN_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Word:
    """One word.

    Args:
        text: as written.
        plain: in lower case, without accents.
        begin: where it begins in the text.
        meanings: the concepts that it can mean; empty for none.
        is_small: whether it is one of a language's small words, such as "the".
    """

    text: str
    plain: str
    begin: int
    meanings: frozenset[str]
    is_small: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read.

    Args:
        words: in order.
        languages: those of :data:`LANGUAGES` in which it can be; empty if it is in none of them.
        is_spaceless: whether it is written without spaces between words, as Japanese is.
    """

    words: tuple[Word, ...]
    languages: frozenset[str]
    is_spaceless: bool


@lru_cache(maxsize=512)
def read(text: str, around: str = "") -> Reading:
    """Read a text.

    Args:
        text: the text.
        around: a longer text in the same language, which shows better which it is.
    """
    found = [(each.group(), each.start()) for each in _WORD.finditer(text)]
    plain = [without_accents(word) for word, _ in found]
    letters = sum(map(str.isalpha, text))
    if len(_SPACELESS.findall(text)) * 3 > letters:
        return _read_spaceless(text, found)
    languages = _languages_of([without_accents(word) for word in _WORD.findall(around or text)])
    # A text in an unknown language can mix the words of all.
    searched = languages or frozenset(LANGUAGES) - SPACELESS
    small = frozenset().union(*(LANGUAGES[code].small_words for code in searched))
    words = []
    for place, ((word, begin), simple) in enumerate(zip(found, plain, strict=True)):
        pair = f"{simple}_{plain[place + 1]}" if place + 1 < len(plain) else ""
        meanings = _meanings(simple, pair, searched)
        if not meanings and simple not in small:
            # English words for controls are used in all languages.
            meanings = _meanings(simple, pair, _ENGLISH)
        words.append(Word(word, simple, begin, meanings, simple in small))
    return Reading(tuple(words), languages, False)


def _meanings(word: str, pair: str, languages: frozenset[str]) -> frozenset[str]:
    return frozenset().union(
        *(LANGUAGES[code].concepts_of(word) | LANGUAGES[code].concepts_of(pair) for code in languages)
    )


def _languages_of(words: list[str]) -> frozenset[str]:
    """Return the languages that have most of the words."""
    words = [word for word in words if len(word) > 1]
    scores = {
        code: sum(2 * (word in language.small_words) or bool(language.concepts_of(word)) for word in words)
        for code, language in LANGUAGES.items()
    }
    best = max(scores.values())
    # A few of a text's words are small words of another language.
    is_known = best >= 2 * _KNOWN_SHARE * len(words)
    return frozenset(code for code, score in scores.items() if best and is_known and score == best)


def _read_spaceless(text: str, found: list[tuple[str, int]]) -> Reading:
    """Read a text whose words can only be looked for; of its own words it has those in other scripts."""
    simple = without_accents(text)
    words = [
        Word(word, word, -1, frozenset(meanings), False)
        for code in SPACELESS
        for word, meanings in LANGUAGES[code].within(simple)
    ]
    for part, begin in found:
        for latin in _LATIN_WORD.finditer(part):
            plain = without_accents(latin.group())
            meanings = frozenset(LANGUAGES["en"].concepts_of(plain))
            words.append(Word(latin.group(), plain, begin + latin.start(), meanings, False))
    return Reading(tuple(words), SPACELESS, True)


def is_same_word(one: str, other: str) -> bool:
    """Whether two plain words are forms of the same: "projects" and "project"."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    shared = next(
        (at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter)
    )
    return shared >= _SHORT and shared * 4 >= len(longer) * 3
