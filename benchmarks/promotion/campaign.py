"""Takes the planted triggers from draft to wherever the rule takes them, one look a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.promotion.behaviour import MONTHLY_USERS, Behaviour, planted
from benchmarks.promotion.bookkeeping import Bookkeeping
from benchmarks.promotion.users import Users
from rasa_autoplay.engine.proposals.backtest import Backtest
from rasa_autoplay.engine.proposals.decision_record import DecisionRecord, decide
from rasa_autoplay.engine.proposals.stage import STAGES, Stage
from rasa_autoplay.engine.proposals.verdict import Step

__all__ = ["DAYS", "TRIAL_SHARE", "Planted", "run"]

DAYS = 182
TRIAL_SHARE = 0.05
#: Fires in the recordings' held-out days, on which the back-test rests.
_BACKTEST_FIRES = 60


@dataclass
class Planted:
    """One planted trigger, and how far it has come.

    Args:
        behaviour: how users react to it.
        books: what is known about it.
        backtest: what its evidence says.
    """

    behaviour: Behaviour
    books: Bookkeeping
    backtest: Backtest
    stage: Stage = Stage.DRAFT
    highest: Stage = Stage.DRAFT
    setbacks: int = 0
    #: 1 for the first one on trial, 2 for the next; 0 before.
    number: int = 0
    #: The day of the last step.
    stepped: int = 0
    #: Every step, with its day.
    decisions: list[tuple[int, DecisionRecord]] = field(default_factory=list)

    @property
    def is_useful(self) -> bool:
        """Whether it was planted as a useful one."""
        return self.behaviour.kind == "useful"


def run(
    seed: int, monthly_users: int = MONTHLY_USERS, share: float = TRIAL_SHARE, days: int = DAYS
) -> list[Planted]:
    """Plant 40 triggers, let the rule look every day, and return where they are at the end.

    Args:
        seed: of everything that chance decides.
        monthly_users: the size of the app.
        share: the share of users with offers at the stage 5 %, as a person can set it.
        days: for how long.
    """
    behaviours = enumerate(_behaviours(seed, monthly_users))
    triggers = [_plant(each, seed, number, share) for number, each in behaviours]
    order = np.random.default_rng([seed, 2]).permutation(len(triggers))
    on_trial = 0
    for day in range(1, days + 1):
        for each in triggers:
            each.books.day(each.stage)
        for each in (triggers[number] for number in order):
            on_trial += _look(each, day, on_trial)
    return triggers


def _behaviours(seed: int, monthly_users: int) -> Iterator[Behaviour]:
    return planted(np.random.default_rng([seed, 0]), monthly_users)


def _plant(behaviour: Behaviour, seed: int, number: int, share: float) -> Planted:
    dice = np.random.default_rng([seed, 1, number])
    users = Users(behaviour, share, dice)
    found = int(dice.binomial(_BACKTEST_FIRES, behaviour.base * behaviour.found))
    backtest = Backtest(_BACKTEST_FIRES, 1 + behaviour.again, found / _BACKTEST_FIRES)
    return Planted(behaviour, Bookkeeping(users, behaviour.users, share), backtest)


def _look(trigger: Planted, day: int, on_trial: int) -> int:
    """Let the rule decide about one trigger; return 1 if it goes on trial."""
    figures = trigger.books.figures(
        trigger.stage, trigger.backtest, trigger.setbacks, trigger.number or on_trial + 1
    )
    record = decide(figures)
    if record.verdict.step is Step.STAY:
        return 0
    trigger.decisions.append((day, record))
    trigger.stage, trigger.stepped = record.verdict.to, day
    trigger.highest = max(trigger.highest, trigger.stage, key=STAGES.index)
    trigger.setbacks += record.verdict.step is Step.DOWN
    if record.verdict.step is Step.UP and trigger.stage is Stage.TRIAL:
        trigger.number = on_trial + 1
        return 1
    return 0
