"""What closing a gate spares the users, and what it costs them.

For some users, chance opens or keeps closed a gate that would be closed for all others. Those two groups
differ in nothing else, so the difference is what the gate does.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.results.first_decisions import Asked, Decision
from rasa_autoplay.engine.results.uplift import Difference, Group, Stratum, difference_of, more_users_needed
from rasa_autoplay.engine.rollout.exploration import OPENED_PROBABILITY

__all__ = ["GatePrice", "GateTally", "gate_prices", "tally_gates"]


_SMALLEST_EFFECT = 0.02


class GatePrice(msgspec.Struct, frozen=True):
    """What a gate does, as the shares of users with the gate opened minus those with it closed.

    Args:
        gate: the gate.
        running: users whose time for the goal is not over; they do not count yet.
        dismissed: users who closed the toast or answered "Later"; what closing the gate spares.
        never: users who answered "Don't show again"; what closing the gate spares.
        reached: users who reached the goal; what closing the gate costs.
        more_users: about how many more users are needed to know; 0 if there are enough, None if unknown.
    """

    gate: str
    running: int
    dismissed: Difference
    never: Difference
    reached: Difference
    more_users: int | None

    @property
    def is_known(self) -> bool:
        """Whether there are enough users to say what the gate costs."""
        return self.reached.low is not None and (self.more_users == 0 or self.reached.is_clear)


class GateTally:
    """Counts users for whom chance has opened a gate, or has kept it closed."""

    __slots__ = ("dismissed", "never", "over", "reached", "users")

    def __init__(self) -> None:
        self.users = self.over = self.dismissed = self.never = self.reached = 0


def tally_gates(decisions: Iterable[Any], asked: Asked) -> dict[tuple[str, bool], GateTally]:
    """Count users by their first decision at each gate; the key is the gate and whether it was opened.

    Args:
        decisions: rows like :class:`Decision`, those of a user one after the other, in order of time.
        asked: what to count.
    """
    tallies: dict[tuple[str, bool], GateTally] = {}
    for _, of_user in groupby(decisions, itemgetter(1)):
        known: set[str] = set()
        for row in of_user:
            decision = Decision._make(row)
            if not decision.explored_gate or decision.explored_gate in known:
                continue
            known.add(decision.explored_gate)
            if decision.created_at >= asked.since:
                is_opened = decision.arm != Arm.GATE_CLOSED.value
                tally = tallies.setdefault((decision.explored_gate, is_opened), GateTally())
                _add(tally, decision, asked)
    return tallies


def _add(tally: GateTally, decision: Decision, asked: Asked) -> None:
    tally.users += 1
    within_s = asked.within_s.get(decision.trigger_id, asked.default_within_s)
    if decision.created_at + within_s > asked.now:
        return
    tally.over += 1
    tally.dismissed += decision.status in (OfferStatus.DISMISSED.value, OfferStatus.SNOOZED.value)
    tally.never += decision.status == OfferStatus.NEVER.value
    reached_at = asked.reached.get(decision.offer_id)
    tally.reached += reached_at is not None and reached_at - decision.created_at <= within_s


def gate_prices(tallies: dict[tuple[str, bool], GateTally]) -> list[GatePrice]:
    """Return the price of each gate, in order of their names."""
    return [
        _price(gate, tallies.get((gate, True), GateTally()), tallies.get((gate, False), GateTally()))
        for gate in sorted({gate for gate, _ in tallies})
    ]


def _price(gate: str, opened: GateTally, closed: GateTally) -> GatePrice:
    def strata(name: str) -> list[Stratum]:
        groups = [Group(tally.over, getattr(tally, name)) for tally in (opened, closed)]
        return [Stratum(OPENED_PROBABILITY, *groups)]

    reached = difference_of(strata("reached"))
    effect = max(abs(reached.difference), _SMALLEST_EFFECT)
    return GatePrice(
        gate=gate,
        running=opened.users + closed.users - opened.over - closed.over,
        dismissed=difference_of(strata("dismissed")),
        never=difference_of(strata("never")),
        reached=reached,
        more_users=more_users_needed(strata("reached"), effect),
    )
