"""What the daily counts of fires and gates count."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CountKey"]


class CountKey(NamedTuple):
    """What is counted.

    Args:
        day: a UTC date, as ``2026-11-29``.
        trigger_id: the trigger.
        variant: id of the trigger's variant; empty if it has none.
        outcome: see :data:`~rasa_autoplay.engine.decisions.decision_log.Outcome`.
        gate: the gate that stopped or deferred the trigger; empty for other outcomes.
    """

    day: str
    trigger_id: str
    variant: str
    outcome: str
    gate: str
