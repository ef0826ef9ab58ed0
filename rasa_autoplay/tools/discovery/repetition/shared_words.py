"""Which names share a word with a repetition, as "Archive" and "Archive all" do, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.findings.finding import Act

__all__ = ["SharedWords"]

#: A word in the names of more acts than this tells nothing.
_MAX_SHARING = 5
#: Words that begin with so many equal letters, which are so large a part of them, are forms of one word.
_MIN_STEM, _MIN_PART = 4, 0.65


class SharedWords:
    """Compares the names of acts with those of a repetition.

    What the pages are called, such as "products", is no word of what is done there.

    Args:
        columns: the recordings.
        own: codes of the acts of the repetition.
        pages: paths of its pages.
        others: codes of the other acts in its section of the app.
    """

    def __init__(
        self, columns: Columns, own: Sequence[int], pages: Iterable[str], others: Iterable[int]
    ) -> None:
        self._acts = columns.acts
        named = {word for page in pages for word in _split(page)}
        words = {word for code in own for word in _words(self._acts[code])}
        words = {word for word in words if not any(_is_form(word, name) for name in named)}
        counts = dict.fromkeys(words, 0)
        for code in others:
            for word in words:
                counts[word] += self._has(code, word)
        self._words = {word for word, number in counts.items() if number <= _MAX_SHARING}

    def are_in(self, code: int) -> bool:
        """Whether the name of an act shares a word with the repetition."""
        return any(self._has(code, word) for word in self._words)

    def _has(self, code: int, word: str) -> bool:
        return any(_is_form(word, other) for other in _words(self._acts[code]))


def _words(act: Act) -> set[str]:
    """Return the words in the name of a click."""
    verbs = {"click", "submit", "change"}
    titles = " ".join((act.label, act.element_id, *act.also))
    return _split(titles) - verbs if act.type in ("click", "submit") else set()


def _split(text: str) -> set[str]:
    return {word for word in re.split(r"[\W\d_]+", text.casefold()) if len(word) > 2}


def _is_form(one: str, other: str) -> bool:
    """Whether two words are forms of one word, such as "price" and "prices"."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return one == other or (same >= _MIN_STEM and same >= _MIN_PART * max(len(one), len(other)))
