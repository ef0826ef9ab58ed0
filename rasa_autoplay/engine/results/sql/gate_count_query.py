"""Reads the counts of fires and gates of one day, of all engines together."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from rasa_autoplay.engine.results.sql.gate_count_store import gate_counts

__all__ = ["TriggerCount", "read_gate_counts"]


class TriggerCount(NamedTuple):
    """How often a trigger had an outcome, in all its variants.

    Args:
        trigger_id: the trigger.
        outcome: see :data:`~rasa_autoplay.engine.decisions.decision_log.Outcome`.
        gate: the gate that stopped or deferred it; empty for other outcomes.
        number: how often.
    """

    trigger_id: str
    outcome: str
    gate: str
    number: int


def read_gate_counts(connection: Any, product_id: str, day: str) -> list[TriggerCount]:
    """Return the counts of a UTC day.

    Args:
        connection: a connection in a transaction.
        product_id: the product.
        day: a date, as ``2026-11-29``.
    """
    if not sa.inspect(connection).has_table(gate_counts.name):
        return []
    of = gate_counts.c
    group = (of.trigger_id, of.outcome, of.gate)
    query = (
        sa.select(*group, sa.func.sum(of.count))
        .where(of.product_id == product_id, of.day == day)
        .group_by(*group)
        .order_by(*group)
    )
    # A killed engine may not have written the outcome that a later one replaced.
    return [
        TriggerCount(trigger_id, outcome, gate, int(count))
        for trigger_id, outcome, gate, count in connection.execute(query)
        if count > 0
    ]
