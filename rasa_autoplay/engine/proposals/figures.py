"""The figures on which the rule decides. They are all it knows, so its decision can be computed again."""

from __future__ import annotations

import msgspec

from rasa_autoplay.engine.proposals.backtest import Backtest
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.results.uplift import Group, Stratum

__all__ = ["Figures", "GhostFigures", "HarmFigures", "TrialFigures"]


class GhostFigures(msgspec.Struct, frozen=True):
    """What the trigger would have done since it is ghost.

    Args:
        days: for how long it is ghost.
        fires: its decisions.
        users: the users that they concern.
        user_days: the pairs of a user and a day with at least one decision.
        found: decisions after which the user reached the goal within 2 minutes without help.
        over: decisions whose 2 minutes are over.
        overlapping: decisions within 10 minutes of an offer, or a decision for one, of another trigger for
            the same user.
    """

    days: float
    fires: int = 0
    users: int = 0
    user_days: int = 0
    found: int = 0
    over: int = 0
    overlapping: int = 0

    @property
    def fires_per_user_day(self) -> float:
        """How often it fires on a day for a user for whom it fires at all."""
        return self.fires / self.user_days if self.user_days else 0.0

    @property
    def found_share(self) -> float:
        """The share of decisions after which the user found the fast way alone, 0 to 1."""
        return self.found / self.over if self.over else 0.0

    @property
    def overlapping_share(self) -> float:
        """The share of decisions that another trigger answers already, 0 to 1."""
        return self.overlapping / self.fires if self.fires else 0.0


class HarmFigures(msgspec.Struct, frozen=True):
    """How users took the offers since the trigger shows any.

    Args:
        seen: offers that were visible for a second.
        refused: offers that users closed, or answered with "Later" or "Don't show again".
        never: offers that users answered with "Don't show again".
        muted: users who muted the topic, or all offers, in *My tips* within a day after an offer, and did not
            answer "Don't show again".
    """

    seen: int = 0
    refused: int = 0
    never: int = 0
    muted: int = 0

    @property
    def silenced(self) -> int:
        """Offers after which a user wanted to hear no more."""
        return min(self.never + self.muted, self.seen)


class TrialFigures(msgspec.Struct, frozen=True):
    """What the offers change, since some users get them.

    Args:
        number: 1 for the first proposal that ever went on trial, 2 for the next; it determines the level of
            the interval.
        days: for how long it is on trial.
        goal: the users whose time for the goal is over, by the probability with which chance divided them.
        failures: the same for failures within 10 minutes.
        running: users whose time for the goal is not over.
        is_uneven: whether something other than chance divides the users.
    """

    number: int
    days: float
    goal: tuple[Stratum, ...] = ()
    failures: tuple[Stratum, ...] = ()
    running: int = 0
    is_uneven: bool = False

    @property
    def users(self) -> int:
        """The users whose time for the goal is over."""
        return sum(stratum.users for stratum in self.goal)

    @property
    def treated(self) -> Group:
        """Those of them with the offer."""
        return sum((stratum.treated for stratum in self.goal), Group())


class Figures(msgspec.Struct, frozen=True):
    """Everything on which the rule decides.

    Args:
        stage: the proposal's stage.
        problems: why it cannot be written into ``autoplay.yml``; empty if it can.
        backtest: what the evidence says; None if nothing was held out.
        setbacks: how often the rule, or a person, has taken it back.
        is_switched_off: whether a person has switched the trigger off in ``autoplay.yml``.
        ghost: since it is ghost; None before.
        trial: since some users get its offers; None before.
        harm: how users took the offers; None before.
    """

    stage: Stage
    problems: tuple[str, ...] = ()
    backtest: Backtest | None = None
    setbacks: int = 0
    is_switched_off: bool = False
    ghost: GhostFigures | None = None
    trial: TrialFigures | None = None
    harm: HarmFigures | None = None
