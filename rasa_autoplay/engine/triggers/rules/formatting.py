"""Formats numbers for explanations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rasa_autoplay.engine.matching.matcher import ActionMatcher

__all__ = ["action_words", "failures_words", "lasting", "seconds", "times", "workflows_words"]

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def action_words(matcher: ActionMatcher) -> str:
    """``any action``, ``an action on /projects``, ``an action with title "save" on /projects``."""
    text = matcher.text
    return text if text == "any action" else f"an action {text if text.startswith('on ') else f'with {text}'}"


def failures_words(kinds: Iterable[str], at_least: int) -> str:
    """``at least 3 failures in a row (dead click, rage click)``."""
    names = ", ".join(kind.replace("_", " ") for kind in sorted(kinds))
    return f"at least {at_least} failure{'s' if at_least != 1 else ''} in a row ({names})"


def workflows_words(path_ids: Sequence[str] | None) -> str:
    """``a workflow``, ``export``, ``export or import``."""
    return "a workflow" if path_ids is None else " or ".join(path_ids)


def lasting(duration_s: float) -> str:
    """Format a duration in its largest whole unit, for sentences: ``7 days``, ``5 minutes``, ``90 s``."""
    for unit, length in _UNITS:
        if duration_s >= length and duration_s % length == 0:
            number = int(duration_s // length)
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return f"{duration_s:g} s"


def seconds(duration_s: float) -> str:
    """``14 s``, ``0.5 s``, ``3 days``."""
    if duration_s >= 86_400 and duration_s % 86_400 == 0:
        days = duration_s / 86_400
        return f"{days:g} day{'s' if days != 1 else ''}"
    rounded = round(duration_s, 1)
    return f"{rounded:.0f} s" if rounded == int(rounded) else f"{rounded} s"


def times(number: int) -> str:
    """``once``, ``3 times``."""
    return "once" if number == 1 else f"{number} times"
