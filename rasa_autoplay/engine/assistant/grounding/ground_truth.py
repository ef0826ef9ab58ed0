"""What an answer may name: the words of golden paths and of the user's recent actions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from rasa_autoplay.engine.assistant.grounding.ui_words import is_german
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["NAME", "QUOTES", "GroundTruth", "keys_in", "plain"]

#: Replaces a real control's name in an answer.
NAME = "\ue000"
QUOTES = '"“”„‟«»‹›「」『』＂'
_QUOTED = re.compile(rf"[{QUOTES}]([^{QUOTES}\n]{{1,80}})[{QUOTES}]|(?<!\w)['‘]([^'‘’\n]{{1,80}})['’](?!\w)")
#: Capitalised words within a sentence: steps write names that way.
_CAPITALISED = re.compile(r"(?<=[^\s.!?:] )([A-ZÄÖÜÉ][\w&/-]*(?: [A-ZÄÖÜÉ][\w&/-]*)*)")
_MENU_PATH = re.compile(r"(?<![\w &⋯])[\w &⋯]+(?:[>→›/][\w &⋯]+)+")
_KEY = re.compile(
    r"\b(?:ctrl|strg|cmd|command|alt|option|shift|umschalt|control|meta|win)(?:\s*[+-]\s*|\s+)"
    r"(?:(?:ctrl|strg|cmd|alt|shift|umschalt)\s*[+-]\s*){0,3}"
    r"(?:[a-z0-9]\b|f\d{1,2}\b|enter|return|delete|del|tab|space|esc\w*|click\w*|\w+(?=\s*(?:key|taste)))"
    r"|[⌘⌥⌃⇧]\s*\w+|\bf(?:[1-9]|1[0-2])\b"
    r"|\b(?:esc|escape|entf|spacebar|space bar|leertaste|backspace|page up|page down|eingabetaste)\b"
    r"|\b(?:press|hit|tap|pressing|hitting|drücken sie|drücke)\s+(?:the\s+)?"
    r"(?:enter|return|delete|del|tab|space|home|end|shift|[a-z0-9])\b(?!\s+(?:button|link|tab\b))",
    re.IGNORECASE,
)
_KEY_VERB = re.compile(r"^(?:press|hit|tap|pressing|hitting|drücken sie|drücke)\s+(?:the\s+)?")
_ARROWS = ">→⟶➔➜⇒▸▶+=<|~^"
_NUMBER = re.compile(r"\b\d+\b")
_FEW_WORDS = 4
#: What people call icons that the steps show as a symbol.
_ICON_WORDS = {
    "⋯…⋮•": "three dots dot dotted kebab ellipsis overflow more drei punkte punkt trois points tres puntos",
    "☰≡": "three lines hamburger",
    "⚙": "gear cog cogwheel",
    "+＋": "plus",
    "×✕✖": "cross x",
    "✎✏": "pencil pen",
    "🔍": "magnifier magnifying glass",
}


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Keep a text's words and icons: in lower case, separated by single spaces."""
    return " ".join("".join(c if _counts(c) else " " for c in text.lower()).split())


@lru_cache(maxsize=4096)
def _counts(character: str) -> bool:
    # A model can invent icons too, so symbols count. Arrows do not: they only join names.
    is_icon = unicodedata.category(character).startswith("S") and character not in _ARROWS
    return is_icon or character.isalnum() or character in "_&"


def keys_in(text: str) -> list[str]:
    """List the keys and shortcuts that a text names, normalised: ``ctrl s``, ``enter``."""
    return [
        plain(_KEY_VERB.sub("", found.group(0).lower())).replace("+ ", "") for found in _KEY.finditer(text)
    ]


class GroundTruth:
    """Knows the texts that an answer must not go beyond.

    Args:
        paths: the golden paths that the answer explains.
        just_done: titles of the user's actions: ``Click Save changes``.
        people: first names that the answer may use.
    """

    def __init__(
        self, paths: Sequence[GoldenPath], just_done: Iterable[str] = (), people: Iterable[str] = ()
    ) -> None:
        texts = [text for path in paths for text in _texts(path)]
        done = list(just_done)
        controls = [label for path in paths for step in path.steps for label in step.labels]
        controls += [name for text in texts for name in _quoted(text)]
        controls += [title.partition(" ")[2] for title in done]
        titles = [title for path in paths for title in (path.title, *(step.title for step in path.steps))]
        pages = [path.page for path in paths]
        self.people = frozenset(plain(person) for person in people if person)
        #: Numbers of steps or clicks that an answer may claim.
        self.counts = {len(path.steps) for path in paths} | {len(path.tour_steps()) for path in paths}
        self.longest = max((len(path.steps) for path in paths), default=0)
        self.keys = {key for text in (*texts, *done) for key in keys_in(text)}
        self._raw = " ".join([*texts, *controls, *pages, *done]).lower()
        self._corpus = f" {' | '.join(plain(text) for text in (*texts, *controls, *pages, *done))} "
        self._controls = {plain(name) for name in controls} - {""}
        names = [*controls, *titles, *pages, *done]
        names += [title.partition(" ")[2] for title in (*titles, *done)]
        names += [name for text in texts for name in _capitalised(text)]
        self._names = {plain(name) for name in names} - {""}
        #: Whether the steps are written in German.
        self.is_german = is_german(self._corpus)
        self._icon_words = _icon_words(self._corpus)
        self.vocabulary = {_stem(word) for word in self._corpus.split()} | self._icon_words
        longest_first = sorted(self._controls, key=len, reverse=True)
        self._name_patterns = [re.compile(_whole_name(name), re.IGNORECASE) for name in longest_first]
        self._spans = sorted(
            (found.start(), found.end())
            for name in self._controls
            for found in re.finditer(f"(?<= ){re.escape(name)}(?= )", self._corpus)
        )

    def without_keys(self, text: str) -> str:
        """Replace the truth's own keys by :data:`NAME`."""
        return _KEY.sub(lambda key: NAME if set(keys_in(key[0])) <= self.keys else key[0], text)

    def is_name(self, words: str) -> bool:
        """Whether these words are the complete name of a control, a title or another name."""
        words = plain(words)
        return not words or any(form in self._names for form in _forms(words))

    def is_control(self, words: str) -> bool:
        """Whether these words are a control's complete name, as the screen shows it; titles do not count."""
        words = plain(words)
        return any(form in self._controls for form in _forms(words))

    def shows(self, sign: str) -> bool:
        """Whether the texts contain this symbol."""
        return sign in self._raw

    def says(self, words: str) -> bool:
        """Whether the texts contain exactly these words, in any case."""
        return words.strip().lower() in self._raw

    def spells(self, name: str) -> bool:
        """Whether the texts spell a name's hyphen the same way: "Bulk-edit" is not "Bulk edit"."""
        return "-" not in name.strip("- ") or name.strip().lower() in self._raw

    def is_icon(self, words: str) -> bool:
        """Whether these words describe an icon that the texts show: "three dots"."""
        return set(plain(words).split()) <= self._icon_words

    def holds(self, words: str) -> bool:
        """Whether the texts contain these words together; part of a control's name is not enough."""
        words = plain(words)
        return not words or any(self._occurs(form) for form in _forms(words))

    def holds_loosely(self, words: str) -> bool:
        """Like :meth:`holds`, in singular or plural."""
        words = plain(words)
        variants = {words, f"{words}s", words.removesuffix("s"), words.removesuffix("es")}
        return self.is_icon(words) or any(map(self.holds, variants - {""}))

    def knows(self, word: str) -> bool:
        """Whether the texts contain a word, in any grammatical form."""
        return _stem(plain(word)) in self.vocabulary

    def without_names(self, text: str) -> str:
        """Replace the complete names of controls by :data:`NAME`."""
        for pattern in self._name_patterns:
            text = pattern.sub(NAME, text)
        return text

    def _occurs(self, words: str) -> bool:
        at = self._corpus.find(f" {words} ")
        while at >= 0:
            begin, end = at + 1, at + 1 + len(words)
            inside = (b <= begin and end <= e and (b, e) != (begin, end) for b, e in self._spans)
            if not any(inside):
                return True
            at = self._corpus.find(f" {words} ", at + 1)
        return False


def _whole_name(name: str) -> str:
    """A regular expression for a control's plain name, in which ``n`` stands for any number."""
    words = (r"(?:\d+|n)" if word == "n" else re.escape(word) for word in name.split())
    whole = r"[\s-]+".join(words)
    return rf"(?<!\w){whole}(?!\w)"


def _forms(words: str) -> Iterator[str]:
    # "Apply to N" in the steps is "Apply to 3" on the screen.
    yield words
    yield _NUMBER.sub("n", words)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word.removesuffix("e")


def _icon_words(corpus: str) -> set[str]:
    return {
        word
        for icons, words in _ICON_WORDS.items()
        if any(i in corpus for i in icons)
        for word in words.split()
    }


def _texts(path: GoldenPath) -> Iterator[str]:
    yield from (path.title, path.description)
    for step in path.steps:
        yield from (step.title, step.text, *step.labels, step.tooltip or "")


def _quoted(text: str) -> Iterator[str]:
    for found in _QUOTED.finditer(text):
        yield next(filter(None, found.groups()))


def _capitalised(text: str) -> Iterator[str]:
    for found in _CAPITALISED.finditer(text):
        yield found.group(1)
    for found in _MENU_PATH.finditer(text):
        for part in re.split(r"[>→›/]", found.group(0)):
            # "Open Settings > Export": the first part begins with a verb.
            yield " ".join(part.split()[-_FEW_WORDS:])
            yield part.split()[-1] if part.split() else ""
