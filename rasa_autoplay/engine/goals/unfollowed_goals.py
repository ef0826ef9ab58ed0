"""For replays: nobody reads what users reach after a simulated decision, and it changes no decision."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_autoplay.engine.goals.goal import Goal
from rasa_autoplay.engine.goals.open_goals import GoalsByTrigger, OpenGoals
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction

__all__ = ["UnfollowedGoals"]


class UnfollowedGoals(OpenGoals):
    """Goals that are neither followed nor recorded."""

    def observe(self, session: Session, actions: Sequence[SlimAction], goals: GoalsByTrigger) -> None:
        """Do nothing."""

    def decided(self, offer: Offer, goal: Goal, session: Session) -> None:
        """Do nothing."""
