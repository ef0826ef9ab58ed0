"""Chooses the sessions that a back-test and the examples need, so that only these are kept in memory.

The held-out days may have more sessions than fit. Then users are sampled: in an order that has nothing to
do with what they did, and that is the same each time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.held_out import HeldOut, held_out_sessions, user_place
from rasa_autoplay.tools.discovery.evidence.days import date_of
from rasa_autoplay.tools.discovery.evidence.figures import Totals

__all__ = ["MAX_ACTIONS", "RecordedDays", "Selection", "recorded_days_of", "select_sessions"]

#: About 1.5 kB of memory each.
MAX_ACTIONS = 120_000


@dataclass(frozen=True)
class RecordedDays:
    """What the evidence needs of the columns, so that they can be released before the back-test.

    Args:
        split: the days.
        training: how much was recorded on the first days.
        held_out: how much was recorded on the held-out days.
        sessions: the sessions of the held-out days to replay: those of all users, or of some.
    """

    split: HeldOut
    training: Totals
    held_out: Totals
    sessions: frozenset[str]


@dataclass(frozen=True)
class Selection:
    """The sessions to read again.

    Args:
        held_out: sessions of the held-out days, of all or of some of their users.
        examples: sessions of the first days.
    """

    held_out: frozenset[str]
    examples: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """All of these sessions."""
        return self.held_out | self.examples


def recorded_days_of(columns: Columns, split: HeldOut) -> RecordedDays:
    """Return what the evidence needs of the recordings.

    Args:
        columns: all recordings.
        split: the days.
    """
    return RecordedDays(
        split,
        _totals_of(columns, split, held_out=False),
        _totals_of(columns, split, held_out=True),
        select_sessions(columns, split),
    )


def select_sessions(columns: Columns, split: HeldOut, max_actions: int = MAX_ACTIONS) -> frozenset[str]:
    """Choose the sessions of the held-out days to replay, except anonymous ones: nothing is offered there.

    Args:
        columns: all recordings.
        split: the days.
        max_actions: how many actions are kept at most. A user with more is no person.
    """
    is_held_out = held_out_sessions(columns, split)
    rows = np.repeat(is_held_out, np.diff(columns.starts))
    actions = np.bincount(columns.user[rows], minlength=len(columns.users))
    active = [code for code in np.flatnonzero(actions) if columns.users[code]]
    chosen = np.zeros(len(columns.users), bool)
    total = 0
    for code in sorted(active, key=lambda each: user_place(columns.users[each])):
        if actions[code] > max_actions:
            continue
        if total + actions[code] > max_actions:
            break
        chosen[code] = True
        total += int(actions[code])
    kept = np.unique(columns.session[rows & chosen[columns.user]])
    return frozenset(columns.sessions[code] for code in kept)


def _totals_of(columns: Columns, split: HeldOut, *, held_out: bool) -> Totals:
    """Count users and sessions of the first days, or of the held-out days."""
    days = split.tested_days if held_out else split.training_days
    is_meant = held_out_sessions(columns, split) == held_out
    rows = np.repeat(is_meant, np.diff(columns.starts))
    users = sum(bool(columns.users[code]) for code in np.unique(columns.user[rows]))
    first, last = (date_of(days[0]), date_of(days[-1])) if days else ("", "")
    return Totals(first, last, len(days), users, int(is_meant.sum()))
