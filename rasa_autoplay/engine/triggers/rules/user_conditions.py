"""Conditions on the user and on what the user knows: ``segment``, ``memory``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowMemory
from rasa_autoplay.engine.matching.patterns import PropertyPattern
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import NOTHING, WORKFLOW, Interest
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.formatting import lasting, seconds, workflows_words
from rasa_autoplay.engine.triggers.rules.placeholders import NAMES_OF_MEMORY
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["NO_MEMORY", "Away", "EmailDomain", "KnownWorkflow", "UserProperty", "Visitor"]

NO_MEMORY = "memory is not available"


class EmailDomain(Condition):
    """The user's e-mail address belongs to one of these domains or their subdomains.

    Args:
        domains: for example ``acme.com``, which includes ``mail.acme.com``.
    """

    def __init__(self, domains: Sequence[str]) -> None:
        self._domains = tuple(domain.casefold().lstrip("@") for domain in domains)
        names = " or ".join(self._domains)
        super().__init__(f"segment email_domain {names}", f"the user's e-mail address is at {names}")

    def holds(self, view: RuleView) -> bool:
        """Whether the address belongs to one of the domains."""
        domain = _email(view).rpartition("@")[2].casefold()
        return any(domain == wanted or domain.endswith(f".{wanted}") for wanted in self._domains)

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding with the domain only, not the address."""
        domain = _email(view).rpartition("@")[2] or "unknown"
        return self.make_result(view, f"e-mail domain is {domain}, needs {' or '.join(self._domains)}")


def _email(view: RuleView) -> str:
    history = view.user_history
    return view.email or (str(history.properties.get("email") or "") if history else "")


class _UserCondition(Condition):
    """A condition on the user's history; it does not hold while the history is unknown."""

    def __init__(
        self,
        text: str,
        words: str,
        test: Callable[[UserHistory, float], bool],
        interest: Interest = NOTHING,
        placeholders: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(text, words, interest, placeholders=placeholders)
        self._test = test

    def holds(self, view: RuleView) -> bool:
        """Whether the history is known and passes the test."""
        history = view.user_history
        return history is not None and self._test(history, view.now)

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding about the history."""
        history = view.user_history
        return self.make_result(view, NO_MEMORY if history is None else self._finding(history, view.now))

    def _finding(self, history: UserHistory, now: float) -> str:
        raise NotImplementedError


class UserProperty(_UserCondition):
    """A property of the user, as set by the app, has a given value.

    Args:
        name: the property's name.
        pattern: matches its value.
    """

    def __init__(self, name: str, pattern: PropertyPattern) -> None:
        super().__init__(
            f"segment {name} {pattern.text}",
            f"the user's {name} is {pattern.text}",
            lambda history, _: pattern.fits(history.properties.get(name)),
        )
        self._name, self._pattern = name, pattern

    def _finding(self, history: UserHistory, _now: float) -> str:
        value = history.properties.get(self._name)
        return f"{self._name} is {'unknown' if value is None else value}, needs {self._pattern.text}"


class Visitor(_UserCondition):
    """The user is new or returning.

    Args:
        kind: ``new`` or ``returning``.
    """

    def __init__(self, kind: Literal["new", "returning"]) -> None:
        super().__init__(
            f"segment user {kind}",
            f"the user is {'new' if kind == 'new' else 'here again'}",
            lambda history, _: (history.previous_visit_at is None) == (kind == "new"),
        )
        self._kind = kind

    def _finding(self, history: UserHistory, _now: float) -> str:
        found = "new" if history.previous_visit_at is None else "returning"
        return f"the user is {found}, needs {self._kind}"


class Away(_UserCondition):
    """The user is back after a given time.

    Args:
        at_least_s: time since the end of the user's previous session, in seconds.
    """

    def __init__(self, at_least_s: float) -> None:
        super().__init__(
            f"segment away {seconds(at_least_s)}",
            f"the user is back after {lasting(at_least_s)} or more",
            self._long_enough,
        )
        self._at_least_s = at_least_s

    def _long_enough(self, history: UserHistory, now: float) -> bool:
        return history.previous_visit_at is not None and now >= history.previous_visit_at + self._at_least_s

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the time will have passed."""
        before = view.user_history.previous_visit_at if view.user_history is not None else None
        return None if before is None else before + self._at_least_s

    def _finding(self, history: UserHistory, now: float) -> str:
        if history.previous_visit_at is None:
            return "this is the user's first visit"
        days = (now - history.previous_visit_at) / 86_400
        return f"last visit {days:.1f} days ago, needs {seconds(self._at_least_s)}"


_Judge = Callable[[WorkflowMemory], bool]

_STATES: Mapping[str, _Judge] = {
    "mastered": lambda memory: memory.state == "mastered",
    "in_progress": lambda memory: memory.state == "in_progress",
    "untouched": lambda memory: memory.state == "untouched",
    "struggle": lambda memory: memory.struggles,
}


_STATE_WORDS: Mapping[str, str] = {
    "mastered": "masters",
    "in_progress": "has begun but never finished",
    "untouched": "has never tried",
    "struggle": "struggles with",
}


class KnownWorkflow(_UserCondition):
    """The user's memory has a given state for one of these workflows.

    Args:
        state: ``mastered``, ``in_progress``, ``untouched`` or ``struggle``.
        path_ids: ids of the workflows; None for any.
        attempts: minimum number of attempts.
        completion_below: the best completion so far must be below this, in percent; None for no limit.
    """

    def __init__(
        self,
        state: str,
        path_ids: Sequence[str] | None,
        attempts: int = 0,
        completion_below: float | None = None,
    ) -> None:
        which = "any workflow" if path_ids is None else " or ".join(path_ids)
        often = f", {attempts} attempts" if attempts else ""
        far = "" if completion_below is None else f", below {completion_below:g}%"
        super().__init__(
            f"memory {state} {which}{often}{far}",
            f"the user {_STATE_WORDS[state]} {workflows_words(path_ids)}"
            f"{often and f' after{often[1:]} or more'}{far and f'{far} complete at best'}",
            lambda history, _: bool(self._found(history)),
            WORKFLOW,
            NAMES_OF_MEMORY,
        )
        self.for_masters = state == "mastered"
        self._state, self._path_ids = state, path_ids
        self._attempts, self._completion_below = attempts, completion_below

    def _found(self, history: UserHistory, silenced: Collection[str] = ()) -> str:
        """Return the id of the first matching workflow that is not silenced; empty if there is none."""
        known = history.workflows
        for path_id in known if self._path_ids is None else self._path_ids:
            if path_id in known and path_id not in silenced and self._fits(known[path_id]):
                return path_id
        return ""

    def _fits(self, memory: WorkflowMemory) -> bool:
        near_enough = self._completion_below is None or memory.best_completion_pct < self._completion_below
        return _STATES[self._state](memory) and memory.attempts >= self._attempts and near_enough

    def holds(self, view: RuleView) -> bool:
        """Whether there is such a workflow."""
        return bool(self.workflow_id(view))

    def workflow_id(self, view: RuleView) -> str:
        """Return the id of that workflow."""
        return self._found(view.user_history, view.silenced) if view.user_history is not None else ""

    def _finding(self, history: UserHistory, _now: float) -> str:
        found = self._found(history)
        path_ids = [found] if found else self._path_ids or list(history.workflows)
        states = [_state_of(path_id, history.workflows.get(path_id)) for path_id in path_ids[:3]]
        return "; ".join(states) or "memory knows no workflow"


def _state_of(path_id: str, memory: WorkflowMemory | None) -> str:
    if memory is None:
        return f"{path_id} is not known"
    struggle = ", with repeated struggle" if memory.struggles else ""
    if memory.state != "in_progress":
        return f"{path_id} is {memory.state}{struggle}"
    return f"{path_id} is in progress ({memory.attempts} attempts, {memory.best_completion_pct:g}%){struggle}"
