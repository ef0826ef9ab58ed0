"""Describes what is known about a user beyond the current actions: memory, and the next step."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower

__all__ = ["UserBackground", "UserKnowledge"]


class UserKnowledge(Protocol):
    """Provides what a prompt says about a user."""

    def memory(self, session: Session) -> str:
        """Describe what the user masters and struggles with, in a few lines; empty if nothing is known."""
        ...

    def next_step(self, session: Session) -> str:
        """Describe the most relevant step that the user lacks; empty for none."""
        ...


class UserBackground:
    """Describes the same history and progress that triggers use.

    Args:
        follower: knows the user's history and the progress in workflows.
    """

    def __init__(self, follower: SessionFollower) -> None:
        self._follower = follower

    def memory(self, session: Session) -> str:
        """Return one line for mastered workflows, and one for each workflow in progress."""
        history = self._follower.user_history(session)
        workflows = list(history.workflows.values()) if history else []
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
        progress = self._follower.workflow_progress(session)
        return progress.next_step.text if progress and progress.next_step else ""
