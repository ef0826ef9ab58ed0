"""Formats texts, times and numbers for the page."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from urllib.parse import urlsplit

from rasa_autoplay.settings.durations import format_duration

__all__ = ["clock", "day_and_clock", "grouped", "offset", "path_of", "plural", "roughly"]


def grouped(count: int) -> str:
    """Format a count: ``12,345``."""
    return f"{count:,}"


def plural(count: int, what: str) -> str:
    """Format a count: ``1 session``, ``2 sessions``, ``2 near misses``."""
    ending = "" if count == 1 else "es" if what.endswith("s") else "s"
    return f"{count:,} {what}{ending}"


def clock(at: float) -> str:
    """Format a time of day in UTC: ``20:24:47``."""
    return datetime.fromtimestamp(at, timezone.utc).strftime("%H:%M:%S")


def day_and_clock(at: float) -> str:
    """Format a date and time in UTC: ``21 Nov 2026, 20:24``."""
    return datetime.fromtimestamp(at, timezone.utc).strftime("%d %b %Y, %H:%M").lstrip("0")


def offset(seconds: float) -> str:
    """Format the time since a session's beginning: ``0:07``, ``1:02:07``."""
    minutes, whole = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"


def roughly(seconds: float) -> str:
    """Format a duration with at most two units: ``4m 10s``, ``1d 2h``; ``forever`` for infinity."""
    if not math.isfinite(seconds):
        return "forever"
    if seconds < 60:
        return format_duration(max(round(seconds), 1))
    unit = 1 if seconds < 3600 else 60 if seconds < 86_400 else 3600
    text = format_duration(round(seconds / unit) * unit)
    return "".join(f"{letter} " if letter.isalpha() else letter for letter in text).strip()


def path_of(url: str) -> str:
    """Return a page's URL without its origin."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "") if url else "unknown page"
