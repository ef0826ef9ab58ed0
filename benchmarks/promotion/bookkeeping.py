"""Counts what the database would hold about one trigger, in the results' own structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.promotion.tables import NO_TABLES, Tables
from benchmarks.promotion.users import Reactions, Users
from rasa_autoplay.engine.proposals.backtest import Backtest
from rasa_autoplay.engine.proposals.figures import Figures, GhostFigures, HarmFigures, TrialFigures
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.results.comparison import failure_strata, goal_strata
from rasa_autoplay.engine.results.first_decisions import Against, ArmKey, Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bookkeeping"]


class Bookkeeping:
    """The figures of one trigger, day by day.

    Args:
        users: the users whom it concerns.
        count: their number.
        share: the share of users with offers at the stage 5 %.
        tables: also get every decision, as the engine stores it.
    """

    def __init__(self, users: Users, count: int, share: float, tables: Tables = NO_TABLES) -> None:
        self._users, self._tables = users, tables
        self._share = share
        self._ghost_days = self._trial_days = 0
        self._fires = self._user_days = self._found = 0
        self._known = np.zeros(count, dtype=bool)
        self._compared = np.zeros(count, dtype=bool)
        self._tallies = {is_treated: Tally() for is_treated in (True, False)}
        #: Yesterday's users, whose day for the goal is over today.
        self._running: list[tuple[bool, Reactions]] = []
        self._seen = self._refused = self._never = self._muted = 0
        #: Which users have seen an offer of it.
        self.bothered = np.zeros(count, dtype=bool)

    def day(self, stage: Stage) -> None:
        """Simulate a day."""
        self._finish_running()
        self._tables.next_day()
        if stage is Stage.DRAFT:
            return
        users, fires = self._users.occasions()
        if stage is Stage.GHOST:
            self._ghost(users, fires)
            return
        treated = self._users.is_treated[users] if stage is Stage.TRIAL else np.ones(len(users), dtype=bool)
        self._offer(users[treated], is_compared=stage is Stage.TRIAL)
        if stage is Stage.TRIAL:
            self._trial_days += 1
            others = users[~treated]
            reactions = self._users.without_offer(others)
            self._compare(False, others, reactions)
            self._tables.decided("control", self._share, others, reactions)

    def figures(self, stage: Stage, backtest: Backtest, setbacks: int, number: int) -> Figures:
        """Return the figures of now.

        Args:
            stage: the trigger's stage.
            backtest: what the evidence says.
            setbacks: how often the rule has taken it back.
            number: see :class:`TrialFigures`.
        """
        ghost = trial = harm = None
        if stage is not Stage.DRAFT:
            users = int(self._known.sum())
            ghost = GhostFigures(
                self._ghost_days, self._fires, users, self._user_days, self._found, self._fires
            )
        if self._trial_days:
            tallies = {_key(treated, self._share): tally for treated, tally in self._tallies.items()}
            running = sum(len(each.seen) for _, each in self._running)
            trial = TrialFigures(
                number, self._trial_days, tuple(goal_strata(tallies)), tuple(failure_strata(tallies)), running
            )
            harm = HarmFigures(self._seen, self._refused, self._never, self._muted)
        return Figures(stage, (), backtest, setbacks, False, ghost, trial, harm)

    def _ghost(self, users: NDArray[np.int64], fires: NDArray[np.int64]) -> None:
        self._ghost_days += 1
        found = self._users.found_alone(fires)
        self._fires += int(fires.sum())
        self._user_days += len(users)
        self._found += int(found.sum())
        self._known[users] = True
        self._tables.ghost(users, fires, found)

    def _offer(self, users: NDArray[np.int64], *, is_compared: bool) -> None:
        found = self._users.with_offer(users)
        self._seen += int(found.seen.sum())
        self._refused += int(found.refused.sum())
        self._never += int(found.never.sum())
        self._muted += int(found.muted.sum())
        self.bothered[users[found.seen]] = True
        self._tables.decided("shown", self._share if is_compared else 1.0, users, found)
        if is_compared:
            self._compare(True, users, found)

    def _compare(self, is_treated: bool, users: NDArray[np.int64], found: Reactions) -> None:
        """Count the users whose first decision under chance this is."""
        is_first = ~self._compared[users]
        self._compared[users[is_first]] = True
        first = Reactions(*(each[is_first] for each in found))
        tally = self._tallies[is_treated]
        number = len(first.failed)
        tally.users += number
        tally.watched += number
        tally.failed += int(first.failed.sum())
        self._running.append((is_treated, first))

    def _finish_running(self) -> None:
        for is_treated, found in self._running:
            tally = self._tallies[is_treated]
            tally.over += len(found.reached)
            tally.reached += int(found.reached.sum())
        self._running.clear()


def _key(is_treated: bool, share: float) -> ArmKey:
    return ArmKey(Against.CONTROL, "", "", "shown" if is_treated else "control", share, 0.0)
