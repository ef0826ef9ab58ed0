"""Whatever an answer presses, fills in or confirms with must be a control, by its complete name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rasa_autoplay.engine.assistant.grounding.ground_truth import NAME, GroundTruth, plain
from rasa_autoplay.engine.assistant.grounding.ui_words import (
    CONTROLS,
    CONTROLS_DE,
    DATES,
    GENERIC,
    PRESS,
    STOPS,
    words_of,
)

__all__ = ["pressed_names"]

_NAME_WORD = r"[A-ZÀ-ÖØ-Þ][\w&/’'-]*"
_RUN = rf"{_NAME_WORD}(?:\s+{_NAME_WORD})*"
_PRESSED = re.compile(rf"\b(?i:{PRESS})\s{{0,4}}:?\s{{1,4}}(?i:the\s{{1,4}})?({_RUN})")
#: "press Save changes, then Done": the user presses the second one too.
_AND_THEN = re.compile(rf"{NAME}(?:\s+(?:and|or)|,?\s+(?:and\s+)?then)\s+(?:press\s+|click\s+)?({_RUN})")
#: "press Import contacts" although the screen says "Import".
_LONGER = re.compile(rf"\b(?i:{PRESS})\s+(?:the\s+)?([a-z]+\s+)?{NAME}\s+([a-z]+)")
#: "Payroll | Runs | November", "Fleet / Vehicles"; but not a table row, which begins with a bar.
_PART = rf"(?:{_NAME_WORD}|{NAME})"
_SLASHED = re.compile(rf"(?<!\w)(?<![/|]\s){_PART}(?:\s+[/|]\s+{_PART})+\b(?!\s*\|)")
_SIGN = r"([^\w\s.,;:!?'\"()\[\]–—-])\ufe0f?"
_SIGNED = re.compile(
    rf"\b(?i:{PRESS})\s+(?:the\s+)?{_SIGN}|{_SIGN}[\s-]*(?i:(?:{CONTROLS}|{CONTROLS_DE}|sign)\b)"
)
_NO_NAMES = DATES | words_of("i ok okay then and or")


def pressed_names(text: str, truth: GroundTruth) -> Iterator[str]:
    """Find capitalised names and symbols that the answer presses and that no control has.

    Args:
        text: the answer, with real controls' names replaced by :data:`NAME`.
        truth: what may be named.
    """
    for match in _PRESSED.finditer(text):
        if not truth.is_control(match.group(1)):
            yield match.group(1)
    for match in _AND_THEN.finditer(text):
        if not (_names_nothing(match.group(1), truth) or truth.is_control(match.group(1))):
            yield match.group(1)
    for match in _LONGER.finditer(text):
        if match.group(2) not in GENERIC and match.group(2) not in STOPS:
            yield f"… {match.group(2)}"
    for match in _SLASHED.finditer(text):
        parts = re.split(r"\s[/|]\s", " ".join(match.group(0).split()))
        yield from (part for part in parts if NAME not in part and not truth.is_name(part))
    for match in _SIGNED.finditer(text):
        sign = next(filter(None, match.groups()))
        if unicodedata.category(sign) == "So" and not truth.shows(sign):
            yield sign


def _names_nothing(words: str, truth: GroundTruth) -> bool:
    return all(word in _NO_NAMES or word in truth.people for word in plain(words).split())
