"""What operators see of outcomes, and how they let outcomes be sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.outcomes.base import TargetState
from rasa_autoplay.engine.outcomes.sql.schema import FAILED, WAITING, outcomes
from rasa_autoplay.engine.outcomes.sql.target_rows import clear_gone, read_target

__all__ = ["list_undelivered", "read_targets", "send_again"]

_T = outcomes.c
_SHOWN = ("outcome_id", "target", "type", "state", "recorded_at", "attempts", "due_at", "problem")


def read_targets(connection: Any, product_id: str, names: Sequence[str]) -> list[TargetState]:
    """Return what is known about targets."""
    return [read_target(connection, (product_id, name)) for name in names]


def list_undelivered(connection: Any, product_id: str, limit: int) -> list[dict[str, Any]]:
    """Return outcomes that failed or wait after a failure, and then those that wait, newest first.

    Args:
        connection: in a transaction.
        product_id: the product's id.
        limit: at most this many of each.
    """
    columns = [_T[name] for name in _SHOWN]
    found: list[dict[str, Any]] = []
    kinds = (
        (_T.state == FAILED,),
        (_T.state == WAITING, _T.attempts > 0),
        (_T.state == WAITING, _T.attempts == 0),
    )
    for kind in kinds:
        query = sa.select(*columns).where(_T.product_id == product_id, *kind)
        rows = connection.execute(query.order_by(_T.number.desc()).limit(limit)).mappings()
        found += [dict(row) for row in rows]
    return found


def send_again(
    connection: Any, product_id: str, targets: Sequence[str], ids: Sequence[str], since: float, now: float
) -> int:
    """Let outcomes be sent again, delivered ones, too; return how many.

    Args:
        connection: in a transaction.
        product_id: the product's id.
        targets: the targets in use. Those that are gone are tried again.
        ids: ids of outcomes; empty for all since a time.
        since: the outcomes that were recorded since then, epoch seconds.
        now: epoch seconds.
    """
    chosen = _T.outcome_id.in_(list(ids)) if ids else _T.recorded_at >= since
    again = (
        sa.update(outcomes)
        .where(_T.product_id == product_id, _T.target.in_(list(targets)), chosen)
        .values(state=WAITING, attempts=0, due_at=now, settled_at=0.0, problem="")
    )
    count = int(connection.execute(again).rowcount)
    for name in targets:
        clear_gone(connection, (product_id, name))
    return count
