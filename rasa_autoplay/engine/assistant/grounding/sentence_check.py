"""Checks that a sentence claims nothing that its step, or its golden path, does not say.

The label of a step is not part of the sentence: we fill it in. So the sentence needs no names, and whatever
looks like one must be in the source. What it claims in plain words is compared by concepts
(:mod:`rasa_autoplay.engine.assistant.grounding.concepts`), which works across languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from rasa_autoplay.engine.assistant.grounding.concepts import (
    CONTROLS,
    OPERATIONS,
    PLACES,
    without_accents,
)
from rasa_autoplay.engine.assistant.grounding.words import NAME, Reading, Word, is_same_word, read

__all__ = ["Source", "inventions"]

_PLAIN_SIGNS = frozenset(" .,;:!?…'’‘-–—()¿¡、。！？：・「」\u00a0\u202f" + NAME + "🎉👍😊🙂✨✅👇")
_QUOTED = re.compile(
    r"[\"“”„«‹「『*`_]{1,3}\s?([^\"“”„«»‹›「」『』*`_\n]{1,80}?)\s?[\"“”»›」』*`_]{1,3}"
    r"|(?<!\w)['‘‚]([^'’‘\n]{1,80})['’‘](?!\w)"
)
_ADDRESS = re.compile(r"\w{2,64}[.@:/\\]{1,3}\w{2,64}")
_ARROW = re.compile(r"[>→›»⟶➔➜⇒▸▶]")
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)|[。！？]")
#: After these a new clause begins, so a capital on its first word means nothing.
_CLAUSE = re.compile(r"(?:^|[.!?…:–—(¿¡])\s*$")
_ENGLISH_I = frozenset({"i", "ok"})
#: Concepts that must be in the step's own texts; the others may be anywhere in its golden path.
_OF_THE_STEP = PLACES | CONTROLS
#: Every step is operated somehow, and "open the menu" can be "click the menu".
_FREE = frozenset({"click", "open", "go", "type"})
_ENOUGH = 5


class Source:
    """What a sentence may say.

    Args:
        instruction: the text that is reworded; "" for free words, which instruct nobody.
        near: further texts of the same step, such as the tooltip; for free words, the titles of paths. Only
            from these come controls, places and quoted words.
        background: the texts of the whole golden path.
        names: first names, and a question's words, which may be repeated but claim nothing.
    """

    def __init__(
        self,
        instruction: str,
        near: Iterable[str] = (),
        background: Iterable[str] = (),
        names: Iterable[str] = (),
    ) -> None:
        own = [text for text in (instruction, *near) if text]
        texts = [*own, *(text for text in background if text)]
        others = [text for text in names if text]
        # The texts of one path are in one language; titles of several paths need not be.
        around = " ".join(texts) if instruction else ""
        self.instruction = instruction
        self.raw = without_accents(" | ".join([*texts, *others]))
        self.languages = read(" ".join(texts)).languages
        self.own_meanings = _granted(own, around)
        numbers = frozenset(f"number {each}" for each in _DIGITS.findall(self.raw))
        self.meanings = numbers | _granted(texts, around)
        self.acts = self._acts(around) if instruction else 0
        self._quotable = without_accents(" | ".join([*own, *others]))
        self._own_words = {word.plain for text in own for word in read(text).words}
        self._words = {word.plain for text in (*texts, *others) for word in read(text).words}
        self._names = {word.plain for text in others for word in read(text).words if word.text[0].isupper()}

    def _acts(self, around: str) -> int:
        """How many acts the instruction may be said with: those that it has, and one for each alternative."""
        alternatives = len(_QUOTED.findall(self.instruction)) - 1
        words = read(_QUOTED.sub(" ", self.instruction), around).words
        acts = sum(bool(word.meanings & (OPERATIONS | {"~click"})) for word in words)
        return max(1, acts) + max(0, alternatives) + ("key" in self.own_meanings)

    def says(self, words: str) -> bool:
        """Whether the texts contain exactly these words, in any case."""
        return without_accents(words).strip() in self.raw

    def quotes(self, words: str) -> bool:
        """Whether these words may stand in quotation marks."""
        return without_accents(words).strip() in self._quotable

    def has(self, word: str) -> bool:
        """Whether the texts have a form of this plain word."""
        # Names are inflected, too: "Dziękuję, Anno".
        is_name = any(
            len(word) - len(name) in (-1, 0, 1) and word.startswith(name[:-1]) for name in self._names
        )
        return is_name or any(is_same_word(word, known) for known in self._words)

    def allows(self, word: Word) -> bool:
        """Whether a word claims nothing new."""
        claimed = {meaning for meaning in word.meanings if not meaning.startswith("~")}
        if not claimed or claimed & _FREE:
            return True
        if claimed <= _OF_THE_STEP:
            return bool(claimed & self.own_meanings) or word.plain in self._own_words
        return bool(claimed & self.meanings) or self.has(word.plain)


def inventions(sentence: str, source: Source, around: str = "") -> list[str]:
    """Find what a sentence claims beyond its source.

    Args:
        sentence: the sentence, with :data:`NAME` where the label comes.
        source: what it may say.
        around: the answer that it is from, which shows better in which language it is.

    Returns:
        What is invented, for logs and for the model; empty if nothing is. At most five.
    """
    plain = unicodedata.normalize("NFKC", sentence)
    return list(dict.fromkeys(islice(_found(plain, read(plain, around), source), _ENOUGH)))


def _granted(texts: Iterable[str], around: str) -> frozenset[str]:
    """The concepts that some texts of the source allow."""
    words = [word for text in texts for word in read(text, around).words]
    return frozenset(meaning.lstrip("~") for word in words for meaning in word.meanings)


def _found(sentence: str, reading: Reading, source: Source) -> Iterator[str]:
    yield from _marked(sentence, source)
    yield from (each for each in _DIGITS.findall(sentence) if f"number {each}" not in source.meanings)
    yield from _names(sentence, reading, source)
    yield from _claims(reading, source)
    yield from _acts(reading, source)
    yield from _additions(sentence, reading, source)


def _marked(sentence: str, source: Source) -> Iterator[str]:
    """Quoted or emphasised words, and signs such as arrows, of which a plain sentence has none."""
    for match in _QUOTED.finditer(sentence):
        words = match.group(1) or match.group(2)
        if words.strip() != NAME and not source.quotes(words):
            yield words
    bare = _QUOTED.sub(lambda match: match.group(1) or match.group(2), sentence)
    yield from (found for found in _ADDRESS.findall(bare) if not source.says(found))
    for sign in bare:
        if not (sign.isalnum() or sign in _PLAIN_SIGNS or unicodedata.combining(sign) or source.says(sign)):
            yield sign
    first, *others = _ARROW.split(bare)
    for part in others[:-1]:
        if NAME not in part and not source.says(part.strip("-=")):
            yield part
    if others:
        beside = [first.split()[-1:], others[-1].split()[:1]]
        yield from (word for words in beside for word in words if NAME not in word and not source.says(word))


def _names(sentence: str, reading: Reading, source: Source) -> Iterator[str]:
    """Words that only a name is written like: capitals, and Latin letters in a text of another script."""
    has_nouns_in_capitals = "de" in reading.languages
    # Many languages write polite forms of "you" with a capital.
    is_polite = "en" not in reading.languages
    for word in reading.words:
        if word.begin < 0 or word.text == NAME or source.has(word.plain) or (is_polite and word.is_small):
            continue
        is_shouted = word.text[1:] != word.text[1:].lower()
        is_capital = word.text[0].isupper() and not has_nouns_in_capitals
        starts = _CLAUSE.search(sentence[max(0, word.begin - 4) : word.begin])
        if is_shouted or reading.is_spaceless or (is_capital and not starts and word.plain not in _ENGLISH_I):
            yield word.text


def _claims(reading: Reading, source: Source) -> Iterator[str]:
    """Words for controls, commands, places, keys, times and promises that the source does not mention."""
    names = [place for place, word in enumerate(reading.words) if word.text == NAME]
    for place, word in enumerate(reading.words):
        # "the … button" only says what the label is.
        is_beside_name = reading.is_spaceless or any(abs(place - name) <= 2 for name in names)
        is_kind_of_label = bool(names) and is_beside_name and bool(word.meanings & CONTROLS)
        if not is_kind_of_label and not source.allows(word):
            yield word.text


def _acts(reading: Reading, source: Source) -> Iterator[str]:
    """More to do than the source says: the next control in plain words needs another verb."""
    counted = OPERATIONS - ({"open", "go"} if source.instruction else source.own_meanings - {"click"})
    verbs = [word.text for word in reading.words if word.meanings & counted]
    if len(verbs) > source.acts:
        yield f"… {verbs[-1]} …"


def _additions(sentence: str, reading: Reading, source: Source) -> Iterator[str]:
    """More words than a paraphrase needs."""
    if not source.instruction:
        return
    said = len(_SENTENCE_END.findall(source.instruction))
    if len(sentence) > 1.6 * len(source.instruction) + 70:
        yield f"{sentence[:40]}…"
    if len(_SENTENCE_END.findall(sentence.rstrip(".!?。！？… "))) > max(1, said):
        yield f"{sentence[:40]}…"
    if reading.is_spaceless:
        return
    new = [word.text for word in reading.words if _is_new(word, source)]
    if reading.languages & source.languages:
        if len(new) > _NEW_WORDS:
            yield " ".join(new)
    elif not reading.languages and len(new) > 1:
        # No word of this language is known, so only the source's own words can be trusted.
        yield " ".join(new)


def _is_new(word: Word, source: Source) -> bool:
    is_free = word.is_small or word.text == NAME or bool(word.meanings) or len(word.plain) <= 2
    return not is_free and not source.has(word.plain)


_NEW_WORDS = 8
