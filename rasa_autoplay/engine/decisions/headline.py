"""The one sentence that says why a user gets a toast now, or why not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_autoplay.settings.durations import format_duration

__all__ = ["headline_of"]

#: Beyond an hour, seconds do not matter.
_HOUR_S = 3600.0
_RANKS = ("fired", "stopped", "near_miss", "not_near", "off")


def headline_of(triggers: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the headline of an explanation: the trigger that matters most, in one sentence.

    A trigger that fires matters more than one that a gate stops, and that more than a near miss. Among
    equals, the nearest comes first, and then the one with the higher priority.

    Args:
        triggers: the triggers of an explanation, in order of priority.

    Returns:
        ``{trigger_id, outcome, text}``, with ``gate`` if a gate stops it; None if there are no triggers.
    """
    if not triggers:
        return None
    first = min(triggers, key=lambda one: (_RANKS.index(one["outcome"]), -_nearness(one["conditions"])))
    headline = {"trigger_id": first["trigger_id"], "outcome": first["outcome"], "text": first["text"]}
    stop = next((gate for gate in first["gates"] if gate["stops"]), None)
    if first["outcome"] == "stopped" and stop is not None:
        headline["gate"] = stop["gate"]
        headline["text"] = f"It fires, but {stop['gate']} stops it {_how_long(stop)}."
    return headline


def _how_long(stop: Mapping[str, Any]) -> str:
    if stop.get("until_resumed"):
        return "until somebody resumes it"
    if stop.get("for_ever"):
        return "for ever"
    unit_s = 60 if stop["remaining_s"] >= _HOUR_S else 1
    return f"for another {format_duration(math.ceil(stop['remaining_s'] / unit_s) * unit_s)}"


def _nearness(conditions: Sequence[Mapping[str, Any]]) -> float:
    """Return how many of the conditions hold, from 0 to 1; a count counts in part."""
    shares = [
        1.0 if each["holds"] else min(each.get("have", 0.0) / each["need"], 1.0) if each.get("need") else 0.0
        for each in conditions
    ]
    return sum(shares) / len(shares) if shares else 0.0
