"""Tells the language model in which language the user reads."""

from __future__ import annotations

__all__ = ["IN_WHICH_LANGUAGE", "language_section", "named_language"]

#: A part of the system prompt, to which ``or else in …`` is added.
IN_WHICH_LANGUAGE = "in the language of <language> if there is one,"

#: English names, which models know better than tags.
_NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def named_language(tag: str) -> str:
    """Return a language for a model: ``German (de-CH)``; the tag alone if its name is not known.

    Args:
        tag: a canonical BCP 47 tag, which has only letters, digits and hyphens.
    """
    name = _NAMES.get(tag.partition("-")[0])
    return f"{name} ({tag})" if name else tag


def language_section(tag: str) -> str:
    """Return the section of a prompt that names the user's language."""
    return f"<language>{named_language(tag)}</language>"
