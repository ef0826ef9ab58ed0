"""The values to try when a number of a rule is moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.durations import format_duration, parse_duration_s

__all__ = ["value_at", "values_around"]

_DURATION_STEPS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
_COUNT_STEPS = 8


def value_at(entry: Any, path: Sequence[str | int]) -> Any:
    """Return the value at a place of a trigger; None if there is none.

    Args:
        entry: the trigger as plain data.
        path: the keys and numbers that lead to it.
    """
    node = entry
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def values_around(value: object) -> list[str | int | float]:
    """Return values around a number or a duration, in order; the value itself is among them.

    Raises:
        ConfigError: it is neither.
    """
    if isinstance(value, bool):
        raise ConfigError("This value is not a number.")
    if isinstance(value, int):
        least = max(value - _COUNT_STEPS // 2, 1)
        return list(range(least, least + max(_COUNT_STEPS, value - least + 1)))
    if isinstance(value, float):
        return sorted({round(value * step, 3) for step in _DURATION_STEPS})
    try:
        seconds = parse_duration_s(value)
    except ValueError:
        raise ConfigError("This value is neither a number nor a duration.") from None
    around = [format_duration(seconds * step) if step != 1 else str(value) for step in _DURATION_STEPS]
    return list(dict.fromkeys(around)) if seconds else [str(value)]
