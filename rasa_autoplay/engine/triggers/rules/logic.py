"""``all``, ``any``, ``not``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce

from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.interest import NOTHING, Interest
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["All", "Any", "Not"]


class _Compound(Condition):
    """Has parts.

    Args:
        text: ``all`` or ``any``.
        parts: at least one, in the order of the file.
    """

    def __init__(self, text: str, parts: Sequence[Condition]) -> None:
        self.parts = tuple(parts)
        super().__init__(
            text,
            _joined(part.interest for part in parts),
            {name: matcher for part in parts for name, matcher in part.remembers.items()},
            frozenset().union(*(part.tells for part in parts)),
            _joined(part.interest_in_end for part in parts),
        )
        self.for_masters = any(part.for_masters for part in parts)

    def verdict(self, view: RuleView) -> ConditionResult:
        """The parts' verdicts."""
        verdicts = tuple(part.verdict(view) for part in self.parts)
        holds = self.holds(view)
        changes_at = self.becomes_false_at(view) if holds else self.becomes_true_at(view)
        telling = [verdict.finding for verdict in verdicts if verdict.holds is holds]
        finding = f" {'or' if self.text == 'any' else 'and'} ".join(telling)
        return ConditionResult(self.text, holds, finding, changes_at=changes_at, conditions=verdicts)


def _joined(interests: Iterable[Interest]) -> Interest:
    return reduce(Interest.__or__, interests, NOTHING)


def _soonest(times: Iterable[float | None]) -> float | None:
    return min((time for time in times if time is not None), default=None)


def _latest(times: Iterable[float | None]) -> float | None:
    """The last of all; None as soon as one of them never comes."""
    latest = -math.inf
    for time in times:
        if time is None:
            return None
        latest = max(latest, time)
    return latest


class All(_Compound):
    """Every part holds.

    Args:
        parts: at least one, in the order of the file.
    """

    def __init__(self, parts: Sequence[Condition]) -> None:
        super().__init__("all", parts)

    def holds(self, view: RuleView) -> bool:
        """Whether all do."""
        # This is asked most of all; all() with a generator takes half as long again.
        for part in self.parts:  # noqa: SIM110
            if not part.holds(view):
                return False
        return True

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Not before each part that is missing now has come."""
        return _latest(part.becomes_true_at(view) for part in self.parts if not part.holds(view))

    def becomes_false_at(self, view: RuleView) -> float | None:
        """With the first part that ends."""
        return _soonest(part.becomes_false_at(view) for part in self.parts)

    def subject(self, view: RuleView) -> str:
        """The first part's that has one."""
        return next(filter(None, (part.subject(view) for part in self.parts)), "")


class Any(_Compound):
    """One part holds, or more.

    Args:
        parts: at least one, in the order of the file.
    """

    def __init__(self, parts: Sequence[Condition]) -> None:
        super().__init__("any", parts)

    def holds(self, view: RuleView) -> bool:
        """Whether one does."""
        return any(part.holds(view) for part in self.parts)

    def becomes_true_at(self, view: RuleView) -> float | None:
        """With the first part that comes."""
        return _soonest(part.becomes_true_at(view) for part in self.parts)

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Not before each part that holds now has ended."""
        return _latest(part.becomes_false_at(view) for part in self.parts if part.holds(view))

    def subject(self, view: RuleView) -> str:
        """The first holding part's that has one."""
        return next(filter(None, (part.subject(view) for part in self.parts if part.holds(view))), "")


class Not(Condition):
    """The part does not hold.

    Args:
        part: of which the contrary is asked for.
    """

    def __init__(self, part: Condition) -> None:
        super().__init__("not", part.interest_in_end, part.remembers, interest_in_end=part.interest)
        self.part = part

    def holds(self, view: RuleView) -> bool:
        """Whether it does not."""
        return not self.part.holds(view.unsilenced)

    def becomes_true_at(self, view: RuleView) -> float | None:
        """When the part ends."""
        return self.part.becomes_false_at(view.unsilenced)

    def becomes_false_at(self, view: RuleView) -> float | None:
        """When the part comes."""
        return self.part.becomes_true_at(view.unsilenced)

    def verdict(self, view: RuleView) -> ConditionResult:
        """The part's verdict, which must be false."""
        part = self.part.verdict(view.unsilenced)
        changes_at = self.becomes_false_at(view) if self.holds(view) else self.becomes_true_at(view)
        finding = f"{'as wanted, not' if not part.holds else 'must not be'}: {part.finding}"
        return ConditionResult(self.text, not part.holds, finding, changes_at=changes_at, conditions=(part,))
