"""Explains why a trigger fires or does not fire, in numbers that people and programs can read.

A rule in ``autoplay.yml`` is explained condition by condition. For a Python predicate, only whether it fires
is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult

__all__ = ["ConditionResult", "Explain", "RuleExplanation", "explain_opaque"]


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """The result of one condition, and how close it is to holding.

    Args:
        condition: the requirement: ``count 3 × title "save changes" within 120 s``.
        holds: whether it holds now.
        finding: what was found: ``2 of 3; another left the window 14 s ago``.
        has: the number found, if the condition counts something: actions, seconds, steps.
        needs: the number required, in the same unit.
        changes_at: when time alone could change ``holds``, epoch seconds; None if only an event can.
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
        """From 0 to 1 (holds): the share of what is needed; of parts, the mean (``any``: the best)."""
        if self.holds:
            return 1.0
        if self.conditions:
            shares = [part.nearness for part in self.conditions]
            return max(shares) if self.condition == "any" else sum(shares) / len(shares)
        return min(self.has / self.needs, 1.0) if self.has is not None and self.needs else 0.0


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """A trigger's explanation of its current state.

    Args:
        fired: whether it fires.
        conditions: the conditions that must all hold, in the order of the file.
    """

    fired: bool
    conditions: tuple[ConditionResult, ...]

    @property
    def nearness(self) -> float:
        """From 0 to 1, for sorting near misses: the mean over the conditions."""
        if self.fired or not self.conditions:
            return float(self.fired)
        return sum(result.nearness for result in self.conditions) / len(self.conditions)

    def to_text(self) -> str:
        """Return the findings in one line: of the conditions that do not hold, or else of all."""
        missing = [result.finding for result in self.conditions if not result.holds]
        return "; ".join(missing or [result.finding for result in self.conditions])


Explain = Callable[[ProactiveTriggerContext], RuleExplanation]


def explain_opaque(result: ProactiveTriggerResult | None, name: str) -> RuleExplanation:
    """Explain a trigger that does not explain itself.

    Args:
        result: the result of its evaluation.
        name: its name: ``predicate my_bot.triggers:mine``.
    """
    fires = result is not None
    finding = f"{name} {'fires' if fires else 'does not fire'}; it gives no details"
    return RuleExplanation(fires, (ConditionResult(name, fires, finding),))
