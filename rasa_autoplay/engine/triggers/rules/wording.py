"""A rule in words, for people who do not know the file. Each condition words itself: see ``base.py``."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.logic import All, Any, Not

__all__ = ["RuleWords", "conditions_in_words", "words_of"]


class RuleWords(msgspec.Struct, frozen=True, omit_defaults=True):
    """A condition in words.

    Args:
        text: a part of a sentence about the user, such as ``the user is on /projects``.
        parts: the conditions that it is made of.
    """

    text: str
    parts: Sequence[RuleWords] = ()


def words_of(condition: Condition) -> RuleWords:
    """Return a condition in words."""
    parts = condition.parts if isinstance(condition, (All, Any, Not)) else ()
    return RuleWords(condition.words, tuple(map(words_of, parts)))


def conditions_in_words(condition: Condition) -> tuple[RuleWords, ...]:
    """Return the conditions that must all hold, in the order of the file."""
    return tuple(map(words_of, condition.parts if isinstance(condition, All) else (condition,)))
