"""The contract of a condition."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.interest import NOTHING, Interest
from rasa_autoplay.engine.triggers.remembering import Matcher
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["Condition", "on_added", "on_evicted"]

_NO_MATCHERS: Mapping[str, Matcher] = MappingProxyType({})


class Condition(ABC):
    """One statement about a session, at one time. It keeps nothing between two questions.

    Args:
        text: the condition in a line, for people.
        interest: what can make it hold, at once or from some time on.
        remembers: what must be remembered of the whole session for it, by name.
        tells: the names that a body may use because of it.
        interest_in_end: what can make it end to hold; the same when left out.
    """

    def __init__(
        self,
        text: str,
        interest: Interest = NOTHING,
        remembers: Mapping[str, Matcher] = _NO_MATCHERS,
        tells: frozenset[str] = frozenset(),
        interest_in_end: Interest | None = None,
    ) -> None:
        self.text = text
        #: Whether it asks for users who master a workflow.
        self.for_masters = False
        self.interest = interest
        self.interest_in_end = interest if interest_in_end is None else interest_in_end
        self.remembers = remembers
        self.tells = tells

    @abstractmethod
    def holds(self, view: RuleView) -> bool:
        """Whether it is so now."""

    def becomes_true_at(self, _view: RuleView) -> float | None:
        """Of one that does not hold: the earliest time at which it could by time alone; None for never."""
        return None

    def becomes_false_at(self, _view: RuleView) -> float | None:
        """Of one that holds: the earliest time at which it could end by time alone; None for never."""
        return None

    @abstractmethod
    def verdict(self, view: RuleView) -> ConditionResult:
        """The same in numbers."""

    def subject(self, _view: RuleView) -> str:
        """Id of the workflow that makes it hold; empty when it is about none."""
        return ""

    def told(
        self, view: RuleView, finding: str, has: float | None = None, needs: float | None = None
    ) -> ConditionResult:
        """A verdict with these findings."""
        holds = self.holds(view)
        changes_at = self.becomes_false_at(view) if holds else self.becomes_true_at(view)
        return ConditionResult(self.text, holds, finding, has, needs, changes_at)


def on_added(matcher: ActionMatcher) -> Interest:
    """Interest in new actions that a matcher picks."""
    return Interest(coming=frozenset({matcher}), fields=matcher.fields)


def on_evicted(matcher: ActionMatcher) -> Interest:
    """Interest in actions that a matcher picks, when a full window lets go of them."""
    return Interest(leaving=frozenset({matcher}), fields=matcher.fields)
