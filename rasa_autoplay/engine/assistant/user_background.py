"""Describes what is known about a user beyond the current actions: memory, and the next step."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.engine.knowledge.trigger_facts import PathFacts, UserFacts
from rasa_autoplay.engine.sessions.session import Session

__all__ = ["FactsSource", "FactsUserKnowledge", "UserKnowledge"]


class FactsSource(Protocol):
    """Provides facts about a session's user and position in the golden paths."""

    def user_facts(self, session: Session) -> UserFacts | None:
        """Return the user's past; None while it is not known."""
        ...

    def path_facts(self, session: Session) -> PathFacts | None:
        """Return the session's position in the golden paths."""
        ...


class UserKnowledge(Protocol):
    """Provides what a prompt says about a user."""

    def memory(self, session: Session) -> str:
        """Describe what the user masters and struggles with, in a few lines; empty if nothing is known."""
        ...

    def next_step(self, session: Session) -> str:
        """Describe the most relevant step that the user lacks; empty for none."""
        ...


class FactsUserKnowledge:
    """Describes the facts that triggers use too.

    Args:
        facts: provides the facts of sessions.
    """

    def __init__(self, facts: FactsSource) -> None:
        self._facts = facts

    def memory(self, session: Session) -> str:
        """Return one line for mastered workflows, and one for each workflow in progress."""
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
        """Describe the gap in one or two sentences."""
        place = self._facts.path_facts(session)
        return place.next_step.text if place and place.next_step else ""
