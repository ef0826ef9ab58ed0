"""Days as people write them."""

from __future__ import annotations

from datetime import datetime, timezone

from rasa_autoplay.tools.discovery.columns.held_out import DAY_S

__all__ = ["date_of", "weeks_of"]


def date_of(day: int) -> str:
    """Return a UTC day, counted from the epoch, as ``2026-11-16``."""
    return datetime.fromtimestamp(day * DAY_S, timezone.utc).strftime("%Y-%m-%d")


def weeks_of(days: tuple[int, ...]) -> float:
    """Return how many weeks lie between the first and the last of these days, both included."""
    return (days[-1] - days[0] + 1) / 7 if days else 0.0
