"""Decisions as observers see them. Observers are the simulation and an operator's live tail.

An observer is called in the middle of a decision, so it must not block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Decision", "Observer", "Outcome", "no_observer"]

#: ``fired``: a trigger fired, and its gates are checked next. ``stopped``: a gate is closed. ``deferred``:
#: the trigger waits for a natural boundary. ``dropped``: the trigger waited, but no longer fires.
#: ``offered``: an offer was made. ``withheld``: all gates were open, but chance decided that the user gets
#: nothing.
Outcome = Literal["fired", "stopped", "deferred", "dropped", "offered", "withheld"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of one decision.

    Args:
        at: epoch seconds.
        outcome: the step's outcome.
        trigger_id: the trigger's id.
        user_id: the user's id.
        session_id: the session's id.
        gate: the gate that stopped or deferred the trigger; empty for other outcomes.
        until: when that gate opens by itself, epoch seconds; infinity for never.
        detail: the gate's numbers, or why the offer is withheld, as text for people.
        offer_id: the id of the offer that was made or withheld; empty for other outcomes.
        arm: the group of users that the decision belongs to; empty before chance has decided.
        variant: id of the trigger's variant that the user gets; empty if the trigger has none.
        replaced_gate: the gate that stopped or deferred the same fire before; empty for its first outcome.
            A fire that goes on when a gate opens is still the same one, until the UTC day ends.
    """

    at: float
    outcome: Outcome
    trigger_id: str
    user_id: str
    session_id: str
    gate: str = ""
    until: float = 0.0
    detail: str = ""
    offer_id: str = ""
    arm: str = ""
    variant: str = ""
    replaced_gate: str = ""


Observer = Callable[[Decision], None]


def no_observer(_decision: Decision) -> None:
    """Ignore every decision."""
