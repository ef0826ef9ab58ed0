"""The goal of a trigger: what its users are to reach, with or without an offer."""

from __future__ import annotations

from dataclasses import dataclass

from rasa_autoplay.engine.triggers.rules.base import Condition

__all__ = ["DEFAULT_GOAL", "Goal"]

_DEFAULT_WITHIN_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal.

    Args:
        condition: holds when the goal is reached; None for "the decision's golden path is completed".
        within_s: how long after the decision it counts, in seconds.
    """

    condition: Condition | None = None
    within_s: float = _DEFAULT_WITHIN_S


DEFAULT_GOAL = Goal()
