"""The funnel: what became of the occasions at which a trigger fired, as counts.

A *fire* is one occasion at which a trigger fires for a user. It has exactly one outcome, so that
``fired = stopped + deferred + dropped + withheld + offered`` (see ``docs/decisions/0059``). The counts up to
``dropped`` come from the daily gate counts, all others from the decisions and their receipts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

__all__ = ["Funnel", "FunnelRow", "sum_of", "totals_of"]

#: The count of each name, such as of each gate or arm; names that were not counted are missing.
Counts = dict[str, int]


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of fires, decisions, and what became of the offers.

    Apart from the first three, every count is of decisions: an offer that was seen twice counts once.

    Args:
        stopped: fires that a gate stopped, by the gate.
        deferred: fires that still wait for a natural pause, or whose session ended while they waited.
        dropped: fires that waited for a natural pause, and then did not hold any more.
        withheld: decisions to make no offer, by arm: ``control``, ``ghost``, ``holdout`` or ``gate_closed``.
        offered: offers, which are the decisions of the arm ``shown``.
        sent: offers that were written to a browser's connection.
        rendered: offers that were shown on a page.
        seen: offers that were visible for a second, or were answered.
        accepted: offers that the user accepted.
        accepted_by: the same by button: ``ACCEPT_BUTTONS``, or ``unknown`` if no page has told. A user who
            pressed two buttons of an offer is counted for both.
        tour_finished: offers whose tour was done to its end.
        tour_left: offers whose tour was left, by the step that was shown last.
        tour_missing: offers whose tour could not show an element, by the step.
        tour_elsewhere: offers whose tour ended on another page, by the step.
        goal_reached: decisions whose goal was reached in time, by arm, with ``shown`` for offers.
        failed_after: decisions after which something failed for the user within 10 minutes, by arm.
        timed_out: offers whose toast was not answered in time, so that it became small.
        dismissed: offers that the user closed.
        snoozed: offers that the user answered with "Later".
        never: offers that the user answered with "Don't show again".
        withdrawn: offers that ended unseen because the user had moved on, or a person paused the trigger.
        expired: other offers that ended without having been shown.
    """

    stopped: Counts = {}
    deferred: int = 0
    dropped: int = 0
    withheld: Counts = {}
    offered: int = 0
    sent: int = 0
    rendered: int = 0
    seen: int = 0
    accepted: int = 0
    accepted_by: Counts = {}
    tour_finished: int = 0
    tour_left: Counts = {}
    tour_missing: Counts = {}
    tour_elsewhere: Counts = {}
    goal_reached: Counts = {}
    failed_after: Counts = {}
    timed_out: int = 0
    dismissed: int = 0
    snoozed: int = 0
    never: int = 0
    withdrawn: int = 0
    expired: int = 0

    @property
    def fired(self) -> int:
        """The number of fires."""
        ended = sum(self.stopped.values()) + self.dropped
        return ended + self.deferred + sum(self.withheld.values()) + self.offered

    def __add__(self, other: Funnel) -> Funnel:
        return Funnel(**{name: _added(getattr(self, name), getattr(other, name)) for name in _NAMES})


_NAMES = Funnel.__struct_fields__


class FunnelRow(msgspec.Struct, frozen=True):
    """The funnel of one trigger and variant.

    Args:
        trigger_id: the trigger.
        variant: id of the variant; empty if the trigger has none.
        day: the UTC date of the decisions, as ``2026-11-29``; empty for a sum over days.
        funnel: the counts.
    """

    trigger_id: str
    variant: str
    day: str
    funnel: Funnel


def _added(one: Any, other: Any) -> Any:
    if isinstance(one, int):
        return one + other
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


def sum_of(funnels: Iterable[Funnel]) -> Funnel:
    """Return the sum of funnels."""
    total = Funnel()
    for funnel in funnels:
        total = total + funnel
    return total


def totals_of(rows: Iterable[FunnelRow]) -> list[FunnelRow]:
    """Return one row for each trigger and variant, summed over the days; in the order of the rows."""
    groups: dict[tuple[str, str], list[Funnel]] = {}
    for row in rows:
        groups.setdefault((row.trigger_id, row.variant), []).append(row.funnel)
    return [
        FunnelRow(trigger_id, variant, "", sum_of(group)) for (trigger_id, variant), group in groups.items()
    ]
