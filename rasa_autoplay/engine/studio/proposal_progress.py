"""How far a proposal is on the way to its next stage, in counts that the studio shows as bars."""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.engine.proposals.figures import Figures
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.proposals.thresholds import Thresholds

__all__ = ["Check", "progress_of"]


class Check(NamedTuple):
    """One count that the rule waits for.

    Args:
        text: what is counted.
        has: how many there are.
        needs: how many the rule needs.
    """

    text: str
    has: float
    needs: float

    @property
    def is_met(self) -> bool:
        """Whether there are enough."""
        return self.has >= self.needs


def progress_of(figures: Figures, bounds: Thresholds) -> list[Check]:
    """Return the counts that the rule waits for at the proposal's stage; none for a draft and a live one.

    Args:
        figures: everything on which the rule decides.
        bounds: its bounds.
    """
    ghost, trial = figures.ghost, figures.trial
    if figures.stage is Stage.GHOST and ghost is not None:
        return [
            Check("Days as ghost", ghost.days, bounds.ghost_days),
            Check("Fires as ghost", ghost.fires, bounds.ghost_fires),
            Check("Users whom they concern", ghost.users, bounds.ghost_users),
        ]
    if figures.stage is Stage.TRIAL and trial is not None:
        return [
            Check("Days at 5 %", trial.days, bounds.trial_days),
            Check(
                "Users with the offer, whose time for the goal is over",
                trial.treated.users,
                bounds.trial_treated,
            ),
        ]
    return []
