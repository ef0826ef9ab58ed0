"""Reads single values of a source's JSON; values of the wrong type become the default."""

from __future__ import annotations

import math
from datetime import datetime, timezone

import msgspec

from rasa_autoplay.common.identity.canonical_ids import id_text
from rasa_autoplay.errors import MalformedEvent

__all__ = ["integer", "named_id", "parse_timestamp", "text", "text_or_none"]

#: Numbers above this are milliseconds; as seconds, they would be later than the year 5138.
_MILLISECONDS_FROM = 1e11


def parse_timestamp(value: object) -> float:
    """Read a wire timestamp as epoch seconds.

    Args:
        value: a number (seconds; milliseconds are recognised by their size), a numeric string, or an
            ISO-8601 string, in UTC if it has no zone.

    Returns:
        Epoch seconds; ``0.0`` (unknown) for null, empty or unreadable values.
    """
    if isinstance(value, bool) or value is None:
        return 0.0
    if isinstance(value, (int, float)):
        return _finite_seconds(value)
    if not isinstance(value, str):
        return 0.0
    text = value.strip()
    try:
        return _finite_seconds(float(text))
    except ValueError:
        return _parse_iso8601(text)


def _finite_seconds(number: float) -> float:
    try:
        seconds = float(number)
    except OverflowError:
        return 0.0
    if not math.isfinite(seconds) or seconds < 0:
        return 0.0
    return seconds / 1000 if seconds > _MILLISECONDS_FROM else seconds


def _parse_iso8601(text: str) -> float:
    # msgspec reads RFC 3339 with any number of fractional digits; Python 3.10's fromisoformat does not.
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(moment.timestamp(), 0.0)


def text(value: object) -> str:
    """A string; numbers become strings, and everything else is empty."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    return str(value)


def text_or_none(value: object) -> str | None:
    """Like :func:`text`, but None instead of an empty string."""
    return text(value) or None


def named_id(value: object) -> str:
    """The id that an event names; empty if it names none.

    Raises:
        MalformedEvent: it is neither a text nor a whole number. Without this, the action of a user whose id
            cannot be read would count for whoever else has the session.
    """
    text = "" if value is None else id_text(value)
    if text is None:
        raise MalformedEvent(f"an id is a {type(value).__name__}; it must be a text or a whole number")
    return text


def integer(value: object) -> int:
    """An integer, or 0 if the value is none."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0
