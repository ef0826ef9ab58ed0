"""What the database says about each target: counts, the last success and the last problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.outcomes.base import Settlement, TargetState
from rasa_autoplay.engine.outcomes.sql.schema import FAILED, WAITING, outcomes, targets

__all__ = ["add_dropped", "clear_gone", "read_target", "record_attempts"]

_T = outcomes.c

_Key = tuple[str, str]


def record_attempts(
    connection: Any, key: _Key, settled: Sequence[Settlement], stored: int, now: float, address: str
) -> None:
    """Record what became of attempts.

    Args:
        connection: in a transaction.
        key: product and target.
        settled: what became of each, in order; not empty.
        stored: how many of them were waiting, so that they count.
        now: epoch seconds.
        address: digest of the target's address.
    """
    delivered = sum(each.is_delivered for each in settled)
    values: dict[str, Any] = {"delivered": targets.c.delivered + min(delivered, stored)}
    if delivered:
        values.update(succeeded_at=now, gone="")
    last = settled[-1]
    if last.is_delivered:
        values["problem"] = ""
    else:
        values.update(problem=last.problem, problem_at=now)
    if any(each.is_gone for each in settled):
        values["gone"] = address
    _update(connection, key, values)


def add_dropped(connection: Any, key: _Key, dropped: int) -> None:
    """Count outcomes that were deleted undelivered."""
    _update(connection, key, {"dropped": targets.c.dropped + dropped})


def clear_gone(connection: Any, key: _Key) -> None:
    """Let a target that is gone be tried again."""
    connection.execute(sa.update(targets).where(*_is(key)).values(gone=""))


def read_target(connection: Any, key: _Key) -> TargetState:
    """Return what is known about a target."""
    row = connection.execute(sa.select(targets).where(*_is(key))).mappings().first()
    of_target = _T.product_id == key[0], _T.target == key[1]
    counts = sa.select(_T.state, sa.func.count()).where(*of_target, _T.state.in_((WAITING, FAILED)))
    by_state = {state: int(count) for state, count in connection.execute(counts.group_by(_T.state))}
    waiting = by_state.get(WAITING, 0)
    oldest = sa.select(sa.func.min(_T.recorded_at)).where(*of_target, _T.state == WAITING)
    return TargetState(
        key[1],
        waiting,
        int(row["delivered"]) if row else 0,
        by_state.get(FAILED, 0),
        int(row["dropped"]) if row else 0,
        float(connection.execute(oldest).scalar() or 0.0) if waiting else 0.0,
        *((row["succeeded_at"], row["problem"], row["problem_at"], row["gone"]) if row else ()),
    )


def _update(connection: Any, key: _Key, values: dict[str, Any]) -> None:
    changed = connection.execute(sa.update(targets).where(*_is(key)).values(**values))
    if changed.rowcount:
        return
    first = {"delivered": 0, "dropped": 0, "succeeded_at": 0.0, "problem": "", "problem_at": 0.0, "gone": ""}
    connection.execute(sa.insert(targets).values(product_id=key[0], target=key[1], **first))
    connection.execute(sa.update(targets).where(*_is(key)).values(**values))


def _is(key: _Key) -> tuple[Any, Any]:
    return targets.c.product_id == key[0], targets.c.target == key[1]
