"""Why does a trigger fire, or not? Numbers that a person, or a program, can read.

A rule of ``autoplay.yml`` explains itself condition by condition; of a Python predicate, nothing is known but
whether it fires.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult

__all__ = ["ConditionResult", "Explain", "RuleExplanation", "explained_coarsely"]


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition, and how near it is to holding.

    Args:
        condition: what is asked for: ``count 3 × title "save changes" within 120 s``.
        holds: whether it is so now.
        finding: what is there instead or after all: ``2 of 3; another left the window 14 s ago``.
        has: the number found, where there is one: actions, seconds, steps.
        needs: the number asked for, in the same unit.
        changes_at: when time alone could change ``holds``, epoch seconds; None when only an event can.
        conditions: the parts of an ``all``, ``any`` or ``not``.
    """

    condition: str
    holds: bool
    finding: str
    has: float | None = None
    needs: float | None = None
    changes_at: float | None = None
    conditions: tuple[ConditionResult, ...] = ()

    @property
    def nearness(self) -> float:
        """From 0 (nothing of it) to 1 (holds): the share of what is needed; for parts, their mean or best."""
        if self.holds:
            return 1.0
        if self.conditions:
            shares = [part.nearness for part in self.conditions]
            return max(shares) if self.condition == "any" else sum(shares) / len(shares)
        return min(self.has / self.needs, 1.0) if self.has is not None and self.needs else 0.0


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """What a trigger says of itself now.

    Args:
        fired: whether it fires.
        conditions: the conditions that must all hold, in the order of the file.
    """

    fired: bool
    conditions: tuple[ConditionResult, ...]

    @property
    def nearness(self) -> float:
        """From 0 to 1, for putting near misses first: the mean of the conditions'."""
        if self.fired or not self.conditions:
            return float(self.fired)
        return sum(verdict.nearness for verdict in self.conditions) / len(self.conditions)

    def to_text(self) -> str:
        """The near miss in one line: the findings of what does not hold, else of all."""
        missing = [verdict.finding for verdict in self.conditions if not verdict.holds]
        return "; ".join(missing or [verdict.finding for verdict in self.conditions])


Explain = Callable[[ProactiveTriggerContext], RuleExplanation]


def explained_coarsely(result: ProactiveTriggerResult | None, what: str) -> RuleExplanation:
    """The explanation of a trigger that cannot be looked into.

    Args:
        result: what it answered.
        what: how it is called: ``predicate my_bot.triggers:mine``.
    """
    fires = result is not None
    finding = f"{what} {'fires' if fires else 'does not fire'}; it says no more about itself"
    return RuleExplanation(fires, (ConditionResult(what, fires, finding),))
