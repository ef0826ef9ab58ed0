"""Numbers as people read them, and texts as Markdown shows them."""

from __future__ import annotations

import html

from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.tools.discovery.evidence.intervals import Share

__all__ = ["amount", "duration", "escaped", "interval", "percent", "words_for"]


def amount(count: float, singular: str, plural: str = "") -> str:
    """Return ``1 user``, ``1,200 users``."""
    shown = f"{count:,.0f}" if count >= 10 or count == int(count) else f"{count:,.1f}"
    return f"{shown} {singular if shown == '1' else plural or f'{singular}s'}"


def duration(seconds: float) -> str:
    """Return a duration without false precision: ``8s``, ``12m``, ``3h20m``."""
    if seconds < 100:
        return f"{seconds:.0f}s" if seconds >= 10 or seconds == int(seconds) else f"{seconds:.1f}s"
    return format_duration(round(seconds / 60) * 60 if seconds < 7200 else round(seconds / 600) * 600)


def percent(share: float) -> str:
    """Return ``37 %``, with a space at which no line breaks."""
    return f"{share * 100:.0f}\u00a0%"


def interval(share: Share) -> str:
    """Return ``31 % to 44 %``."""
    return f"{percent(share.low)} to {percent(share.high)}"


def escaped(text: str) -> str:
    """Return a text in which neither Markdown nor HTML sees a sign of its own."""
    text = text.replace("\\", "\\\\")
    for sign in "`*_[]#!~":
        text = text.replace(sign, f"\\{sign}")
    return html.escape(text, quote=False).replace("|", "&#124;")


def words_for(kind: str) -> dict[str, str]:
    """Return what users did after a fire, by its name in the figures.

    Args:
        kind: the kind of the finding.
    """
    if kind in ("stall", "workflow"):
        return {"went_on": "went on trying", "neither": "neither", "found": "reached the goal alone"}
    return {"went_on": "went on the slow way", "neither": "neither", "found": "found the fast way alone"}
