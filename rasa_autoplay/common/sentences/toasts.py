"""The default texts of built-in triggers, in each of the bot's languages: one file of data for each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.common.sentences.sentences import LANGUAGES

__all__ = ["ToastTexts", "toast_text", "toast_texts"]

_FOLDER = Path(__file__).parent


class ToastTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts in one language, named for their triggers; ``docs/rules.md`` says when each is shown.

    ``missed``, ``introduce`` and ``explain`` are those of ``next_step``.
    """

    bulk_edit: str
    ping_pong: str
    dwell: str
    stall: str
    repeated_failure: str
    skipped_step: str
    return_after_gap: str
    adoption_gap: str
    first_time: str
    repeat_attempt: str
    rage_click: str
    dead_click: str
    struggle: str
    missed: str
    introduce: str
    explain: str


def toast_text(name: str) -> Text:
    """Return a text in all languages, English first."""
    return Text({tag: getattr(toast_texts(tag), name) for tag in LANGUAGES})


@cache
def toast_texts(tag: str) -> ToastTexts:
    """Return the texts in one language."""
    return msgspec.json.decode((_FOLDER / f"toasts.{tag}.json").read_bytes(), type=ToastTexts)
