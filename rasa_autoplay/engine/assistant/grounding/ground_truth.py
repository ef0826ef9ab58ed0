"""What an answer may name: the words of golden paths, and of what the user has just done."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from rasa_autoplay.engine.assistant.grounding.vocabulary import is_german
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["NAME", "QUOTES", "GroundTruth", "keys_in", "plain"]

#: Stands for a control's own name, where an answer has one.
NAME = "\ue000"
QUOTES = '"“”„‟«»‹›「」『』＂'
_QUOTED = re.compile(rf"[{QUOTES}]([^{QUOTES}\n]{{1,80}})[{QUOTES}]|(?<!\w)['‘]([^'‘’\n]{{1,80}})['’](?!\w)")
#: A capital within a sentence: steps write names that way.
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
#: How people call icons that steps show as a sign.
_ICON_WORDS = {
    "⋯…⋮•": "three dots dot dotted kebab ellipsis overflow more drei punkte punkt trois points tres puntos",
    "☰≡": "three lines hamburger",
    "⚙": "gear cog cogwheel",
    "+＋": "plus",
    "×✕✖": "cross x",
    "✎✏": "pencil pen",
    "🔍": "magnifier magnifying glass",
}


def plain(text: str) -> str:
    """Lower case, words and icons only, one space between."""
    return " ".join("".join(c if _counts(c) else " " for c in text.lower()).split())


def _counts(character: str) -> bool:
    # An icon is a symbol, and can be invented too; an arrow only joins what stands beside it.
    is_icon = unicodedata.category(character).startswith("S") and character not in _ARROWS
    return is_icon or character.isalnum() or character in "_&"


def keys_in(text: str) -> list[str]:
    """The keys and shortcuts that a text names, in one form: ``ctrl s``, ``enter``."""
    return [
        plain(_KEY_VERB.sub("", found.group(0).lower())).replace("+ ", "") for found in _KEY.finditer(text)
    ]


class GroundTruth:
    """The texts that an answer has to keep to.

    Args:
        paths: the golden paths that it is about.
        just_done: titles of what the user did: ``Click Save changes``.
        people: first names, which may be said.
    """

    def __init__(
        self, paths: Sequence[GoldenPath], just_done: Iterable[str] = (), people: Iterable[str] = ()
    ) -> None:
        texts = [text for path in paths for text in _texts(path)]
        done = list(just_done)
        controls = [label for path in paths for step in path.steps if (label := step.label)]
        controls += [name for text in texts for name in _quoted(text)]
        controls += [title.partition(" ")[2] for title in done]
        titles = [title for path in paths for title in (path.title, *(step.title for step in path.steps))]
        pages = [path.page for path in paths]
        self.people = frozenset(plain(person) for person in people if person)
        #: As many steps or clicks may be spoken of.
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
        self.vocabulary = {_stem(word) for word in self._corpus.split()} | _icon_words(self._corpus)
        self._spans = sorted(
            (found.start(), found.end())
            for name in self._controls
            for found in re.finditer(f"(?<= ){re.escape(name)}(?= )", self._corpus)
        )

    @property
    def is_german(self) -> bool:
        """Whether the steps are written in German."""
        return is_german(self._corpus)

    def without_keys(self, text: str) -> str:
        """The text, in which the truth's own keys are taken out."""
        return _KEY.sub(lambda key: NAME if set(keys_in(key[0])) <= self.keys else key[0], text)

    def is_name(self, words: str) -> bool:
        """Whether these are the whole words of a control, a title or another name."""
        words = plain(words)
        return not words or any(form in self._names for form in _forms(words))

    def is_control(self, words: str) -> bool:
        """Whether these are the whole words of a control, as the screen shows it; a title is none."""
        words = plain(words)
        return any(form in self._controls for form in _forms(words))

    def shows(self, sign: str) -> bool:
        """Whether the texts have this sign."""
        return sign in self._raw

    def says(self, words: str) -> bool:
        """Whether the texts have these very words, in any case."""
        return words.strip().lower() in self._raw

    def spells(self, name: str) -> bool:
        """Whether a hyphen in a name stands in the texts too: "Bulk-edit" is not what the screen says."""
        return "-" not in name.strip("- ") or name.strip().lower() in self._raw

    def is_icon(self, words: str) -> bool:
        """Whether this is how people call an icon that the texts show: "three dots"."""
        return set(plain(words).split()) <= _icon_words(self._corpus)

    def holds(self, words: str) -> bool:
        """Whether these words stand together in the texts; a piece of a control's name is not enough."""
        words = plain(words)
        return not words or any(self._stands(form) for form in _forms(words))

    def holds_loosely(self, words: str) -> bool:
        """The same, in singular or plural."""
        words = plain(words)
        variants = {words, f"{words}s", words.removesuffix("s"), words.removesuffix("es")}
        return self.is_icon(words) or any(map(self.holds, variants - {""}))

    def knows(self, word: str) -> bool:
        """Whether a word stands anywhere in the texts, in whatever form."""
        return _stem(plain(word)) in self.vocabulary

    def without_names(self, text: str) -> str:
        """The text, in which whole names of controls are taken out."""
        for name in sorted(self._controls, key=len, reverse=True):
            words = [r"(?:\d+|n)" if word == "n" else re.escape(word) for word in name.split()]
            whole = r"[\s-]+".join(words)
            text = re.sub(rf"(?<!\w){whole}(?!\w)", NAME, text, flags=re.IGNORECASE)
        return text

    def _stands(self, words: str) -> bool:
        at = self._corpus.find(f" {words} ")
        while at >= 0:
            begin, end = at + 1, at + 1 + len(words)
            inside = (b <= begin and end <= e and (b, e) != (begin, end) for b, e in self._spans)
            if not any(inside):
                return True
            at = self._corpus.find(f" {words} ", at + 1)
        return False


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
        yield from (step.title, step.text, step.label or "", step.tooltip or "")


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
