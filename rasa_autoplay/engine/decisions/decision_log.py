"""Decisions as observers see them: a simulation, or an operator's live tail.

An observer is called in the middle of a decision, so it must not block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Decision", "Observer", "Outcome", "no_observer"]

#: ``fired``: a trigger fired, and its gates are checked next. ``stopped``: a gate is closed. ``deferred``:
#: the trigger waits for a natural boundary. ``dropped``: it waited, and no longer fires. ``offered``: an
#: offer was made.
Outcome = Literal["fired", "stopped", "deferred", "dropped", "offered"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of one decision.

    Args:
        at: epoch seconds.
        outcome: what was decided.
        trigger_id: the trigger.
        user_id: the user.
        session_id: the user's session.
        gate: the gate that stopped or deferred the trigger; empty otherwise.
        until: when time alone opens that gate, epoch seconds; infinity for never.
        detail: the gate's numbers, for people to read.
        offer_id: the offer that was made; empty otherwise.
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


Observer = Callable[[Decision], None]


def no_observer(_decision: Decision) -> None:
    """Ignore every decision."""
