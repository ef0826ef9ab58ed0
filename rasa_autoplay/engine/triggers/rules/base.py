"""The contract of a rule's condition."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.decorators import Matcher
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import NOTHING, Interest
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["Condition", "on_added", "on_evicted"]

_NO_MATCHERS: Mapping[str, Matcher] = MappingProxyType({})


class Condition(ABC):
    """A stateless test of a session at one point in time.

    Args:
        text: the condition in one line, in the words of the file.
        words: the same as a part of a sentence about the user, for people who do not know the file.
        interest: the changes that can make it hold, now or later.
        remembers: matchers whose results must be remembered for the whole session, by name.
        placeholders: the names that the toast's text may use because of this condition.
        interest_in_end: the changes that can make it stop holding; by default, those of ``interest``.
    """

    def __init__(
        self,
        text: str,
        words: str,
        interest: Interest = NOTHING,
        remembers: Mapping[str, Matcher] = _NO_MATCHERS,
        placeholders: frozenset[str] = frozenset(),
        interest_in_end: Interest | None = None,
    ) -> None:
        self.text = text
        self.words = words
        #: Whether it selects users who master a workflow.
        self.for_masters = False
        self.interest = interest
        self.interest_in_end = interest if interest_in_end is None else interest_in_end
        self.remembers = remembers
        self.placeholders = placeholders

    @abstractmethod
    def holds(self, view: RuleView) -> bool:
        """Whether the condition holds now."""

    def possible_at(self, _course: Course, _after: float, since: float) -> float:
        """Return a time before which it does not hold, if that is known.

        Args:
            course: all actions of the session.
            after: an offer has consumed the actions up to this time, epoch seconds.
            since: the earliest time to return, epoch seconds.

        Returns:
            Epoch seconds; infinity for never.
        """
        return since

    def becomes_true_at(self, _view: RuleView) -> float | None:
        """If it does not hold: the earliest time at which time alone could change that, or None."""
        return None

    def becomes_false_at(self, _view: RuleView) -> float | None:
        """If it holds: the earliest time at which time alone could change that, or None."""
        return None

    @abstractmethod
    def result(self, view: RuleView) -> ConditionResult:
        """Return the state of the condition, with numbers."""

    def workflow_id(self, _view: RuleView) -> str:
        """Return the id of the workflow that makes it hold; empty if it is not about a workflow."""
        return ""

    def make_result(
        self, view: RuleView, finding: str, has: float | None = None, needs: float | None = None
    ) -> ConditionResult:
        """Build the result with these findings."""
        holds = self.holds(view)
        changes_at = self.becomes_false_at(view) if holds else self.becomes_true_at(view)
        return ConditionResult(self.text, holds, finding, has, needs, changes_at)


def on_added(matcher: ActionMatcher) -> Interest:
    """Return the interest in new actions that match."""
    return Interest(added=frozenset({matcher}), fields=matcher.fields)


def on_evicted(matcher: ActionMatcher) -> Interest:
    """Return the interest in matching actions that a full window drops."""
    return Interest(evicted=frozenset({matcher}), fields=matcher.fields)
