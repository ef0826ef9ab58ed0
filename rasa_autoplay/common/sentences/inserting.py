"""Inserts names in sentences, also a name that is written in the other direction than its sentence.

A browser orders a line of text by the Unicode bidirectional algorithm. Without marks, a Latin name at the
edge of an Arabic sentence pulls the neighbouring quotation marks and numbers to the wrong side. The marks are
those that the algorithm has for this purpose: FIRST STRONG ISOLATE (U+2068) and POP DIRECTIONAL ISOLATE
(U+2069), UAX #9, section 2.4.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["inserted", "isolated", "quotes"]

_NAME = re.compile(r"\{(\w+)\}")
_ISOLATE, _POP = "\u2068", "\u2069"
_MARKS = "“”„‟\"«»‹›「」『』‘’‚'"
#: What can be between a quotation mark and a name: isolating marks, and the space of French.
_LOOSE = f"{_ISOLATE}{_POP}\u00a0\u202f "
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


def inserted(sentence: str, **names: str) -> str:
    """Replace the names in braces; a name without a value stays.

    Args:
        sentence: such as ``You haven't done this step of “{title}” yet:``.
        names: the values by name.
    """
    return _NAME.sub(lambda found: _value(found, sentence, names), sentence)


def isolated(name: str, sentence: str) -> str:
    """Return a name for a sentence, in isolating marks if a part of it runs in the other direction.

    Args:
        name: what is inserted.
        sentence: the text around it.
    """
    around = _directions(sentence)
    main = around[:1]
    if not main or all(each == main for each in _directions(name)):
        return name
    return f"{_ISOLATE}{name}{_POP}"


def quotes(text: str, name: str) -> bool:
    """Whether a text has a name in quotation marks, of whatever language, with or without isolating marks."""
    begin = text.find(name)
    before, after = text[:begin].rstrip(_LOOSE), text[begin + len(name) :].lstrip(_LOOSE)
    return (
        begin >= 0 and bool(name) and before[-1:] in _MARKS and after[:1] in _MARKS and bool(before and after)
    )


def _value(found: re.Match[str], sentence: str, names: dict[str, str]) -> str:
    name = names.get(found[1])
    return found[0] if name is None else isolated(name, sentence)


@lru_cache(maxsize=2048)
def _directions(text: str) -> str:
    """The directions of a text in order of appearance: ``L`` and ``R``, each once.

    Names in braces say nothing about the direction of their sentence.
    """
    found = ""
    for sign in _NAME.sub("", text):
        kind = unicodedata.bidirectional(sign)
        direction = "L" if kind == "L" else "R" if kind in _RIGHT_TO_LEFT else ""
        if direction and direction not in found:
            found += direction
    return found
