"""Changes a text in each of its languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rasa_autoplay.common.languages.text import Text

__all__ = ["all_languages", "in_each_language", "in_language", "languages_in"]


def in_each_language(text: str, change: Callable[[str], str]) -> str:
    """Return a text after a change, which is made in each of its languages.

    Args:
        text: a plain string, or a :class:`Text`.
        change: gets and returns a plain string.
    """
    if isinstance(text, Text) and text.languages:
        return Text({tag: change(each) for tag, each in text.items()})
    return change(str(text))


def in_language(text: str, languages: Sequence[str]) -> str:
    """Return a plain string: a text in the language that fits best.

    Args:
        text: a plain string, which fits every language, or a :class:`Text`.
        languages: the user's languages, best first.
    """
    return text.in_language(languages) if isinstance(text, Text) else str(text)


def languages_in(*texts: str) -> tuple[str, ...]:
    """Return the languages of some texts, each once; empty if all are plain strings."""
    named = (text.languages for text in texts if isinstance(text, Text))
    return tuple(dict.fromkeys(tag for tags in named for tag in tags))


def all_languages(text: str) -> tuple[str, ...]:
    """Return a text in each of its languages, without repetitions."""
    return text.all() if isinstance(text, Text) else (str(text),)
