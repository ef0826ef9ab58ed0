"""Who the user is, and what they know: ``segment``, ``memory``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

from rasa_autoplay.engine.knowledge.facts import UserFacts, WorkflowMemory
from rasa_autoplay.engine.matching.patterns import PropertyPattern
from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.interest import NOTHING, WORKFLOW, Interest
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.formatting import seconds
from rasa_autoplay.engine.triggers.rules.placeholders import NAMES_OF_MEMORY
from rasa_autoplay.engine.triggers.rules.view import RuleView

__all__ = ["NO_MEMORY", "Away", "EmailDomain", "KnownWorkflow", "UserProperty", "Visitor"]

NO_MEMORY = "memory is not available"


class EmailDomain(Condition):
    """The user's e-mail address belongs to one of these domains, or to a part of one.

    Args:
        domains: ``acme.com``; ``mail.acme.com`` belongs to it.
    """

    def __init__(self, domains: Sequence[str]) -> None:
        self._domains = tuple(domain.casefold().lstrip("@") for domain in domains)
        super().__init__(f"segment email_domain {' or '.join(self._domains)}")

    def holds(self, view: RuleView) -> bool:
        """Whether it does."""
        domain = _email(view).rpartition("@")[2].casefold()
        return any(domain == wanted or domain.endswith(f".{wanted}") for wanted in self._domains)

    def verdict(self, view: RuleView) -> ConditionResult:
        """The domain alone is told, not the address."""
        domain = _email(view).rpartition("@")[2] or "unknown"
        return self.told(view, f"e-mail domain is {domain}, asked for is {' or '.join(self._domains)}")


def _email(view: RuleView) -> str:
    facts = view.user_facts
    return view.email or (str(facts.properties.get("email") or "") if facts else "")


class _AboutTheUser(Condition):
    """Needs facts about the user; without them it does not hold, and says so."""

    def __init__(
        self,
        text: str,
        test: Callable[[UserFacts, float], bool],
        interest: Interest = NOTHING,
        tells: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(text, interest, tells=tells)
        self._test = test

    def holds(self, view: RuleView) -> bool:
        """Whether the facts are known, and say so."""
        facts = view.user_facts
        return facts is not None and self._test(facts, view.now)

    def verdict(self, view: RuleView) -> ConditionResult:
        """What the facts say."""
        facts = view.user_facts
        return self.told(view, NO_MEMORY if facts is None else self._finding(facts, view.now))

    def _finding(self, facts: UserFacts, now: float) -> str:
        raise NotImplementedError


class UserProperty(_AboutTheUser):
    """One of the user's properties, as the app told it, has a value.

    Args:
        name: of the property.
        pattern: of its value.
    """

    def __init__(self, name: str, pattern: PropertyPattern) -> None:
        super().__init__(
            f"segment {name} {pattern.text}", lambda facts, _: pattern.fits(facts.properties.get(name))
        )
        self._name, self._pattern = name, pattern

    def _finding(self, facts: UserFacts, _now: float) -> str:
        value = facts.properties.get(self._name)
        return f"{self._name} is {'unknown' if value is None else value}, asked for is {self._pattern.text}"


class Visitor(_AboutTheUser):
    """Whether this is the user's first session.

    Args:
        kind: ``new`` or ``returning``.
    """

    def __init__(self, kind: Literal["new", "returning"]) -> None:
        super().__init__(
            f"segment user {kind}", lambda facts, _: (facts.previous_visit_at is None) == (kind == "new")
        )
        self._kind = kind

    def _finding(self, facts: UserFacts, _now: float) -> str:
        found = "new" if facts.previous_visit_at is None else "returning"
        return f"the user is {found}, asked for is {self._kind}"


class Away(_AboutTheUser):
    """The user is back after so long.

    Args:
        at_least_s: since they were last here before this session.
    """

    def __init__(self, at_least_s: float) -> None:
        super().__init__(f"segment away {seconds(at_least_s)}", self._long_enough)
        self._at_least_s = at_least_s

    def _long_enough(self, facts: UserFacts, now: float) -> bool:
        return facts.previous_visit_at is not None and now >= facts.previous_visit_at + self._at_least_s

    def becomes_true_at(self, view: RuleView) -> float | None:
        """When it will have been so long ago."""
        before = view.user_facts.previous_visit_at if view.user_facts is not None else None
        return None if before is None else before + self._at_least_s

    def _finding(self, facts: UserFacts, now: float) -> str:
        if facts.previous_visit_at is None:
            return "the user was never here before"
        days = (now - facts.previous_visit_at) / 86_400
        return f"last here {days:.1f} days ago, asked for are {seconds(self._at_least_s)}"


_Judge = Callable[[WorkflowMemory], bool]

_STATES: Mapping[str, _Judge] = {
    "mastered": lambda memory: memory.state == "mastered",
    "in_progress": lambda memory: memory.state == "in_progress",
    "untouched": lambda memory: memory.state == "untouched",
    "struggle": lambda memory: memory.struggles,
}


class KnownWorkflow(_AboutTheUser):
    """What memory says of one of these workflows.

    Args:
        state: ``mastered``, ``in_progress``, ``untouched`` or ``struggle``.
        path_ids: of which workflows; None for any.
        attempts: at least so often begun.
        completion_below: at best so far, in percent; None for however far.
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
            lambda facts, _: bool(self._found(facts)),
            WORKFLOW,
            NAMES_OF_MEMORY,
        )
        self.for_masters = state == "mastered"
        self._state, self._path_ids = state, path_ids
        self._attempts, self._completion_below = attempts, completion_below

    def _found(self, facts: UserFacts, silenced: Collection[str] = ()) -> str:
        """Id of the first workflow of which it is true, and which may be spoken about; empty for none."""
        known = facts.workflows
        for path_id in known if self._path_ids is None else self._path_ids:
            if path_id in known and path_id not in silenced and self._fits(known[path_id]):
                return path_id
        return ""

    def _fits(self, memory: WorkflowMemory) -> bool:
        near_enough = self._completion_below is None or memory.best_completion_pct < self._completion_below
        return _STATES[self._state](memory) and memory.attempts >= self._attempts and near_enough

    def holds(self, view: RuleView) -> bool:
        """Whether there is one."""
        return bool(self.subject(view))

    def subject(self, view: RuleView) -> str:
        """That workflow."""
        return self._found(view.user_facts, view.silenced) if view.user_facts is not None else ""

    def _finding(self, facts: UserFacts, _now: float) -> str:
        found = self._found(facts)
        asked = [found] if found else self._path_ids or list(facts.workflows)
        told = [_recall(path_id, facts.workflows.get(path_id)) for path_id in asked[:3]]
        return "; ".join(told) or "memory knows no workflow"


def _recall(path_id: str, memory: WorkflowMemory | None) -> str:
    if memory is None:
        return f"{path_id} is not known"
    struggle = ", with repeated struggle" if memory.struggles else ""
    if memory.state != "in_progress":
        return f"{path_id} is {memory.state}{struggle}"
    return f"{path_id} is in progress ({memory.attempts} attempts, {memory.best_completion_pct:g}%){struggle}"
