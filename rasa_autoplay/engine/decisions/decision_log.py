"""What the driver decides, told to whoever wants to watch: a simulation, an operator's tail.

Watching changes nothing and costs little: an observer is called amid a decision, so it must not block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Decision", "Observer", "Outcome", "nobody"]

#: ``fired``: a trigger fired and was put before courtesy. ``stopped``: a gate is closed. ``deferred``: it
#: waits for a natural boundary. ``dropped``: it waited, and fires no more. ``offered``: the offer was made.
Outcome = Literal["fired", "stopped", "deferred", "dropped", "offered"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of one decision.

    Args:
        at: epoch seconds.
        outcome: what was decided.
        trigger_id: about which trigger.
        user_id: about whom.
        session_id: in which session.
        gate: which gate stopped or deferred it; empty otherwise.
        until: when that gate opens by time alone, epoch seconds; infinity for never.
        detail: the gate's numbers, for people.
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


def nobody(_decision: Decision) -> None:
    """The observer where nobody watches."""
