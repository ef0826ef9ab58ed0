"""Compares the names in braces of a text's languages."""

from __future__ import annotations

from rasa_autoplay.common.languages.text import texts_by_tag
from rasa_autoplay.common.sentences.filling import names_in

__all__ = ["different_names"]


def different_names(text: str) -> tuple[str, str] | None:
    """Find a language of a text that has other names in braces than the first one.

    Returns:
        The language's tag, and what is wrong; None if all languages have the same names.
    """
    (first, own), *others = texts_by_tag(text)
    names = set(names_in(own))
    for tag, other in others:
        found = set(names_in(other))
        if lacking := sorted(names - found):
            return tag, f"the text in {tag!r} has no {{{lacking[0]}}}; the text in {first!r} has it"
        if added := sorted(found - names):
            return tag, f"the text in {tag!r} has {{{added[0]}}}; the text in {first!r} has not"
    return None
