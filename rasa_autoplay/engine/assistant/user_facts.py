"""What the assistant knows of a user beyond their actions: from memory, and from where they stand."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.engine.knowledge.facts import PathFacts, UserFacts
from rasa_autoplay.engine.sessions.session import Session

__all__ = ["FactsSource", "FactsUserKnowledge", "UserKnowledge"]


class FactsSource(Protocol):
    """Who knows a session's user, and its place in the golden paths."""

    def user_facts(self, session: Session) -> UserFacts | None:
        """The user's past; None while it is not known."""
        ...

    def path_facts(self, session: Session) -> PathFacts | None:
        """Where the session stands."""
        ...


class UserKnowledge(Protocol):
    """What a prompt is told of a user."""

    def memory(self, session: Session) -> str:
        """What they master and where they struggled, in a few lines; empty when nothing is known."""
        ...

    def next_step(self, session: Session) -> str:
        """The gap in words: the single most relevant step; empty for silence."""
        ...


class FactsUserKnowledge:
    """Words for the facts that triggers are asked with.

    Args:
        facts: of sessions.
    """

    def __init__(self, facts: FactsSource) -> None:
        self._facts = facts

    def memory(self, session: Session) -> str:
        """One line for what is mastered, and one for each workflow that is in progress."""
        facts = self._facts.user_facts(session)
        workflows = list(facts.workflows.values()) if facts else []
        mastered = [workflow.title for workflow in workflows if workflow.state == "mastered"]
        lines = [f"Masters: {', '.join(mastered)}."] if mastered else []
        for workflow in workflows:
            if workflow.state == "in_progress":
                missing = f", never did: {workflow.missing_step}" if workflow.missing_step else ""
                struggle = ", struggles with it" if workflow.struggles else ""
                lines.append(
                    f"Began: {workflow.title} ({workflow.attempts} times, "
                    f"{workflow.best_completion_pct:g}% at best{missing}{struggle})."
                )
        return "\n".join(lines)

    def next_step(self, session: Session) -> str:
        """The gap in one sentence or two."""
        place = self._facts.path_facts(session)
        return place.next_step.text if place and place.next_step else ""
