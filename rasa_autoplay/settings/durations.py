"""Durations in settings: ``10s``, ``5m``, ``1h30m``, ``250ms``, ``2d``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

__all__ = ["PATTERN", "Duration", "format_duration", "parse_duration_s", "parse_wait_s"]

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
#: The accepted strings, as a regular expression that works in every dialect.
PATTERN = r"^\s*([0-9]+(\.[0-9]+)?\s*([mM][sS]|[sSmMhHdD])\s*)+$"
_EXPECTED = 'write a number and a unit (ms, s, m, h, d), for example "10s", "5m" or "1h30m"'


def parse_duration_s(value: object) -> float:
    """Read a duration as seconds.

    Raises:
        ValueError: it is not a duration, or a number other than 0 has no unit.
    """
    if value == 0 and not isinstance(value, bool):
        return 0.0
    if not isinstance(value, str):
        raise ValueError(f"{value!r} has no unit: {_EXPECTED}")
    text, position, total = value.strip().lower(), 0, 0.0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(f"{value!r} is not a duration: {_EXPECTED}")
        total += float(part.group(1)) * _SECONDS[part.group(2)]
        position = part.end()
    if not text:
        raise ValueError(f"an empty string is not a duration: {_EXPECTED}")
    return total


def parse_wait_s(value: object) -> float:
    """Read a duration that code sends: a number of seconds, or a text such as ``2m``.

    Raises:
        ValueError: it is neither, or not more than 0.
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    seconds = float(value) if is_number else parse_duration_s(value)  # type: ignore[arg-type]
    if not seconds > 0:
        raise ValueError(f'{value!r} must be more than 0, for example "2m" or 120')
    return seconds


def format_duration(seconds: float) -> str:
    """Write seconds as a duration such as ``1h30m``; the inverse of :func:`parse_duration_s`."""
    rest_ms, parts = round(seconds * 1000), []
    for unit in ("d", "h", "m", "s", "ms"):
        number, rest_ms = divmod(rest_ms, round(_SECONDS[unit] * 1000))
        parts += [f"{number}{unit}"] if number else []
    return "".join(parts) or "0s"


if TYPE_CHECKING:
    Duration = float
else:

    class Duration(float):
        """A pydantic field type: seconds, read from a string with a unit."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], float]]:
            yield parse_duration_s

        @classmethod
        def __modify_schema__(cls, field_schema: dict[str, Any]) -> None:
            field_schema["$ref"] = "#/definitions/Duration"
