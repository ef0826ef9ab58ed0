"""Tells a user what they did, in their language.

The titles of actions are English, such as "Click Save changes", because rules and models read them.
"""

from __future__ import annotations

from rasa_autoplay.common.sentences.inserting import inserted
from rasa_autoplay.common.sentences.sentences import Sentences
from rasa_autoplay.events.models import SlimAction

__all__ = ["plain_text", "told_action"]

_LONGEST = 200


def told_action(action: SlimAction, sentences: Sentences) -> str:
    """Return what the user did; titles that another source has worded stay as they are.

    Args:
        action: the action.
        sentences: in the user's language.
    """
    title = " ".join((action.title or action.description).split())[:_LONGEST]
    for beginning, sentence in (
        ("Click ", sentences.did_click),
        ("Change ", sentences.did_change),
        ("Submit ", sentences.did_submit),
        ("Page load: ", sentences.did_open),
    ):
        if title.startswith(beginning):
            return inserted(sentence, name=title.removeprefix(beginning))
    return {
        "Rage click": sentences.did_rage_click,
        "Dead click": sentences.did_dead_click,
        "Error": sentences.did_error,
        "Failed request": sentences.did_failed_request,
    }.get(title, title)


def plain_text(words: str) -> str:
    """Escape Markdown, because titles come from pages."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in words)
