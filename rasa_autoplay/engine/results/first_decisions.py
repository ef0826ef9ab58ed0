"""Counts users by their first decision under chance, for each comparison.

Only a user's *first* decision counts. What happens later can depend on the first toast: a user who has
accepted help does not need it again, so the arms would no longer be alike. Earlier decisions in which chance
had no part (a trigger in ``ghost``, or shown to everybody) are the same for all arms, so they do not count.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from rasa_autoplay.engine.offers.offer_status import Arm

__all__ = ["FAILURES_WITHIN_S", "Against", "ArmKey", "Asked", "Decision", "Tally", "count_first_decisions"]

#: A failure counts as harm if it comes within this time after the decision.
FAILURES_WITHIN_S = 600.0
#: Differences below this are rounding.
_TINY = 1e-9
_SHOWN, _CONTROL, _HOLDOUT = Arm.SHOWN.value, Arm.CONTROL.value, Arm.HOLDOUT.value
_OF_SHARE = frozenset({_SHOWN, _CONTROL})
_OF_TRIGGER = frozenset({_SHOWN, _CONTROL, _HOLDOUT})


class Against(str, Enum):
    """With whom the users with the offer are compared.

    ``control``: users outside the trigger's share. ``holdout``: users who get no offer of any trigger.
    ``overall``: all users against the holdout, by their first decision of any trigger.
    """

    CONTROL = "control"
    HOLDOUT = "holdout"
    OVERALL = "overall"


class Decision(NamedTuple):
    """One decision, as the database has it. The tuples of a user are one after the other, in order of time.

    Args:
        offer_id: the id that its reports name.
        user_id: the user.
        trigger_id: the trigger.
        variant: the variant; empty for none.
        arm: an :class:`Arm`'s value.
        show_probability: as :class:`Offer` stores it.
        holdout_probability: as :class:`Offer` stores it.
        explored_gate: as :class:`Offer` stores it.
        status: an :class:`OfferStatus`'s value.
        created_at: epoch seconds.
    """

    offer_id: str
    user_id: str
    trigger_id: str
    variant: str
    arm: str
    show_probability: float
    holdout_probability: float
    explored_gate: str
    status: str
    created_at: float


class Asked(NamedTuple):
    """What to count.

    Args:
        now: epoch seconds; only users whose time for the goal is over then are compared.
        reached: when the goal was reached, by offer id, epoch seconds.
        failed: when something failed soon after a decision, by offer id, epoch seconds.
        within_s: the time for the goal of each trigger, in seconds.
        default_within_s: the same for a trigger that is not configured any more.
        since: only users whose first decision is not earlier, epoch seconds.
    """

    now: float
    reached: Mapping[str, float]
    failed: Mapping[str, float]
    within_s: Mapping[str, float]
    default_within_s: float
    since: float = 0.0


class ArmKey(NamedTuple):
    """The users of one comparison that have the same variant, arm and probabilities.

    Args:
        against: the comparison.
        trigger_id: the trigger; empty for all together.
        variant: the variant; empty for none, and for all together.
        arm: ``shown``, ``control`` or ``holdout``.
        show_probability: as :class:`Offer` stores it.
        holdout_probability: as :class:`Offer` stores it.
    """

    against: Against
    trigger_id: str
    variant: str
    arm: str
    show_probability: float
    holdout_probability: float


class Tally:
    """Counts of users."""

    __slots__ = ("failed", "over", "reached", "seconds", "since", "users", "watched")

    def __init__(self) -> None:
        self.users = 0
        #: Those whose time for the goal is over, and those of them who have reached it …
        self.over = self.reached = 0
        #: … and after how many seconds.
        self.seconds = array("d")
        #: Those past the time in which a failure counts, and those of them for whom something failed.
        self.watched = self.failed = 0
        #: The earliest decision, epoch seconds.
        self.since = math.inf

    def add(self, decision: Decision, asked: Asked) -> None:
        """Count a user."""
        self.users += 1
        self.since = min(self.since, decision.created_at)
        within_s = asked.within_s.get(decision.trigger_id, asked.default_within_s)
        if decision.created_at + within_s <= asked.now:
            self.over += 1
            seconds = asked.reached.get(decision.offer_id, math.inf) - decision.created_at
            if seconds <= within_s:
                self.reached += 1
                self.seconds.append(seconds)
        if decision.created_at + FAILURES_WITHIN_S <= asked.now:
            self.watched += 1
            self.failed += decision.offer_id in asked.failed


def count_first_decisions(decisions: Iterable[Any], asked: Asked) -> dict[ArmKey, Tally]:
    """Count users for all comparisons in one pass.

    Args:
        decisions: rows like :class:`Decision`, those of a user one after the other, in order of time.
        asked: what to count.
    """
    counting = _Counting()
    for _, of_user in groupby(decisions, itemgetter(1)):
        known: set[tuple[str, str]] = set()
        for row in of_user:
            for place, tally in counting.of(row):
                if place in known:
                    continue
                known.add(place)
                decision = Decision._make(row)
                if tally is not None and decision.created_at >= asked.since:
                    tally.add(decision, asked)
    return {key: tally for key, tally in counting.tallies.items() if tally.users}


class _Counting:
    """Finds the tallies of a decision. Most decisions are like one of a few others, so they are kept."""

    def __init__(self) -> None:
        self.tallies: dict[ArmKey, Tally] = {}
        self._known: dict[Any, list[tuple[tuple[str, str], Tally | None]]] = {}

    def of(self, row: Any) -> list[tuple[tuple[str, str], Tally | None]]:
        """Return the comparison and trigger of which this can be the user's first decision, with the tally.

        The tally is None for users of a third arm, who are not compared.
        """
        kind = row[2:7]
        found = self._known.get(kind)
        if found is None:
            found = self._known[kind] = [
                self._place(Decision._make(row), against) for against in _comparisons_of(Decision._make(row))
            ]
        return found

    def _place(self, decision: Decision, against: Against) -> tuple[tuple[str, str], Tally | None]:
        key = _key_of(decision, against)
        is_compared = against is not Against.HOLDOUT or decision.arm != _CONTROL
        tally = self.tallies.setdefault(key, Tally()) if is_compared else None
        return (against.value, key.trigger_id), tally


def _comparisons_of(decision: Decision) -> Iterable[Against]:
    """The comparisons of which chance could have given either arm to this decision."""
    shown, held_out, arm = decision.show_probability, decision.holdout_probability, decision.arm
    if arm == Arm.GATE_CLOSED.value:
        return
    if held_out > 0:
        yield Against.OVERALL
    if shown > 0 and arm in _OF_SHARE and shown < 1 - held_out - _TINY:
        yield Against.CONTROL
    if shown > 0 and held_out > 0 and arm in _OF_TRIGGER:
        yield Against.HOLDOUT


def _key_of(decision: Decision, against: Against) -> ArmKey:
    probabilities = decision.show_probability, decision.holdout_probability
    if against is Against.OVERALL:
        return ArmKey(against, "", "", _HOLDOUT if decision.arm == _HOLDOUT else _SHOWN, *probabilities)
    return ArmKey(against, decision.trigger_id, decision.variant, decision.arm, *probabilities)
