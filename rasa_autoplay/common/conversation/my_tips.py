"""The button "My tips" of a chat, and what a user types for it."""

from __future__ import annotations

import unicodedata
from functools import cache

from rasa_autoplay.common.sentences.sentences import all_sentences

__all__ = ["OPEN_TIPS_PAYLOAD", "asks_for_tips"]

#: What the chat widget sends when the button is pressed.
OPEN_TIPS_PAYLOAD = "/autoplay_my_tips"
_MAX_LENGTH = 40


def asks_for_tips(text: str) -> bool:
    """Whether a message is the list's name, in any language, and nothing else."""
    return len(text) <= _MAX_LENGTH and _plain(text.strip(" .!?")) in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset(_plain(sentences.my_tips) for sentences in all_sentences().values())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
