"""``all``, ``any`` and ``not``: conditions made of conditions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce

from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import NOTHING, Interest
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["All", "Any", "Not"]


class _Compound(Condition):
    """A condition made of several parts.

    Args:
        text: ``all`` or ``any``.
        words: what that means, followed by the parts.
        parts: at least one, in the order of the file.
    """

    def __init__(self, text: str, words: str, parts: Sequence[Condition]) -> None:
        self.parts = tuple(parts)
        super().__init__(
            text,
            words,
            _joined(part.interest for part in parts),
            {name: matcher for part in parts for name, matcher in part.remembers.items()},
            frozenset().union(*(part.placeholders for part in parts)),
            _joined(part.interest_in_end for part in parts),
        )
        self.for_masters = any(part.for_masters for part in parts)

    def result(self, view: RuleView) -> ConditionResult:
        """Return the results of all parts."""
        results = tuple(part.result(view) for part in self.parts)
        holds = self.holds(view)
        changes_at = self.becomes_false_at(view) if holds else self.becomes_true_at(view)
        decisive = [result.finding for result in results if result.holds is holds]
        finding = f" {'or' if self.text == 'any' else 'and'} ".join(decisive)
        return ConditionResult(self.text, holds, finding, changes_at=changes_at, conditions=results)


def _joined(interests: Iterable[Interest]) -> Interest:
    return reduce(Interest.__or__, interests, NOTHING)


def _soonest(times: Iterable[float | None]) -> float | None:
    return min((time for time in times if time is not None), default=None)


def _latest(times: Iterable[float | None]) -> float | None:
    """Return the last of these times; None if one of them never comes."""
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
        super().__init__("all", "all of these hold", parts)

    def holds(self, view: RuleView) -> bool:
        """Whether all parts hold."""
        # This is the most frequent call; all() with a generator takes 50 % longer.
        for part in self.parts:  # noqa: SIM110
            if not part.holds(view):
                return False
        return True

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return a time before which one part does not hold."""
        possible = since
        while True:
            former = possible
            for part in self.parts:
                possible = part.possible_at(course, after, possible)
            if possible in (former, math.inf):
                return possible

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the last part that does not hold yet could hold."""
        return _latest(part.becomes_true_at(view) for part in self.parts if not part.holds(view))

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the first part could stop holding."""
        return _soonest(part.becomes_false_at(view) for part in self.parts)

    def workflow_id(self, view: RuleView) -> str:
        """Return the first workflow that a part is about."""
        return next(filter(None, (part.workflow_id(view) for part in self.parts)), "")


class Any(_Compound):
    """At least one part holds.

    Args:
        parts: at least one, in the order of the file.
    """

    def __init__(self, parts: Sequence[Condition]) -> None:
        super().__init__("any", "at least one of these holds", parts)

    def holds(self, view: RuleView) -> bool:
        """Whether one part holds."""
        return any(part.holds(view) for part in self.parts)

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return a time before which no part holds."""
        return min(part.possible_at(course, after, since) for part in self.parts)

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the first part could hold."""
        return _soonest(part.becomes_true_at(view) for part in self.parts)

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the last part that holds could stop holding."""
        return _latest(part.becomes_false_at(view) for part in self.parts if part.holds(view))

    def workflow_id(self, view: RuleView) -> str:
        """Return the first workflow that a holding part is about."""
        return next(filter(None, (part.workflow_id(view) for part in self.parts if part.holds(view))), "")


class Not(Condition):
    """The part does not hold.

    Args:
        part: the condition to negate.
    """

    def __init__(self, part: Condition) -> None:
        super().__init__(
            "not", "this does not hold", part.interest_in_end, part.remembers, interest_in_end=part.interest
        )
        self.parts = (part,)
        self.part = part

    def holds(self, view: RuleView) -> bool:
        """Whether the part does not hold."""
        return not self.part.holds(view.unsilenced)

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the part could stop holding."""
        return self.part.becomes_false_at(view.unsilenced)

    def becomes_false_at(self, view: RuleView) -> float | None:
        """Return when the part could hold."""
        return self.part.becomes_true_at(view.unsilenced)

    def result(self, view: RuleView) -> ConditionResult:
        """Return the result of the part, which must not hold."""
        part = self.part.result(view.unsilenced)
        changes_at = self.becomes_false_at(view) if self.holds(view) else self.becomes_true_at(view)
        finding = f"{'must not hold' if part.holds else 'does not hold, as required'}: {part.finding}"
        return ConditionResult(self.text, not part.holds, finding, changes_at=changes_at, conditions=(part,))
