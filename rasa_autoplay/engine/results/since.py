"""Reads the beginning of a report's period: ``30d`` or ``2026-11-29``."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import NamedTuple

from rasa_autoplay.settings.durations import parse_duration_s

__all__ = ["EVER", "Since", "parse_since"]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Since(NamedTuple):
    """The beginning of a report.

    Args:
        counts: of the counts, epoch seconds; 0 for everything.
        comparisons: of the comparisons. They begin with the first decision unless a date is given: an
            interval that may be looked at every day must not begin at another time every day.
    """

    counts: float
    comparisons: float


#: The beginning of everything.
EVER = Since(0.0, 0.0)


def parse_since(text: str, now: float) -> Since:
    """Read a duration before now, or a UTC date; an empty text is the beginning of everything.

    Raises:
        ValueError: it is neither.
    """
    if not text:
        return EVER
    try:
        if _DATE.fullmatch(text):
            begin = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp()
            return Since(max(begin, 0.0), max(begin, 0.0))
        return Since(max(now - parse_duration_s(text), 0.0), 0.0)
    except ValueError:
        raise ValueError(
            f'{text[:40]!r} is neither a duration such as "30d" nor a date such as "2026-11-29"'
        ) from None
