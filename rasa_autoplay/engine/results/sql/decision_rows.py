"""Reads the decisions under chance from the database, user by user."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.offers.sql.schema import offers, receipts

__all__ = ["decisions_under_chance", "first_reports"]

#: Rows that are held in memory at a time.
_BATCH = 2_000


def decisions_under_chance(
    connection: Any, product_id: str, trigger_id: str = "", *, is_explored: bool = False
) -> Iterable[Any]:
    """Yield rows as :class:`DecidedUser` names them, those of a user one after the other, in order of time.

    The index of a user's offers has this order, so the database need not sort a million rows.

    Args:
        connection: of the database of offers.
        product_id: the product.
        trigger_id: only this trigger; empty for all.
        is_explored: only decisions at a gate that chance has opened or kept closed.
    """
    columns = offers.c
    was_divided = sa.or_(
        columns.holdout_probability > 0,
        sa.and_(columns.show_probability > 0, columns.show_probability < 1),
    )
    query = (
        sa.select(
            columns.offer_id,
            columns.user_id,
            columns.trigger_id,
            columns.variant,
            columns.arm,
            columns.show_probability,
            columns.holdout_probability,
            columns.explored_gate,
            columns.status,
            columns.created_at,
        )
        .where(columns.product_id == product_id, columns.explored_gate != "" if is_explored else was_divided)
        .order_by(columns.user_id, columns.created_at, columns.offer_id)
    )
    if trigger_id:
        query = query.where(columns.trigger_id == trigger_id)
    streaming = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
    return map(tuple, streaming.execute(query))  # a plain tuple is faster to take apart than a row


def first_reports(connection: Any, event: str) -> dict[str, float]:
    """Return when an event was first reported for each offer, in epoch seconds.

    One pass over all receipts is faster than looking for those of a million offers.
    """
    query = sa.select(receipts.c.offer_id, receipts.c.at).where(receipts.c.event == event)
    found: dict[str, float] = {}
    for offer_id, at in connection.execute(query):
        if at < found.get(offer_id, math.inf):
            found[offer_id] = at
    return found
