"""Stores outcomes until they are delivered, and for some time after that.

An engine claims an outcome by moving its due time into the future. If the engine dies, the claim expires and
the outcome is due again, for this or another engine. So nothing is lost, and repetitions have the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.outcomes.base import Claimed, Settlement
from rasa_autoplay.engine.outcomes.schedule import Schedule
from rasa_autoplay.engine.outcomes.sql.schema import DELIVERED, FAILED, WAITING, migrate, outcomes
from rasa_autoplay.engine.outcomes.sql.target_rows import add_dropped, record_attempts
from rasa_autoplay.storage.database import Database

__all__ = ["CLAIM_S", "SqlOutbox"]

#: How long a claim lasts. It must be longer than a request may take.
CLAIM_S = 45.0
#: Timeout of an operation in the background, in seconds.
_WAIT_S = 10.0
#: At most this many rows are deleted in one transaction, because toasts wait for it.
_CUT = 2_000
_EVERY = 1 << 60
_SCHEDULE = Schedule()

_T = outcomes.c
_DUE = (
    sa.select(_T.number, _T.outcome_id, _T.body)
    .where(
        _T.product_id == sa.bindparam("product"),
        _T.target == sa.bindparam("to"),
        _T.state == WAITING,
        _T.due_at <= sa.bindparam("now"),
    )
    .order_by(_T.due_at, _T.number)
    .limit(sa.bindparam("most"))
    # Other engines skip these rows instead of waiting for them. SQLite has one writer, and ignores it.
    .with_for_update(skip_locked=True)
)
_SETTLE = (
    sa.update(outcomes)
    .where(_T.number == sa.bindparam("of_number"), _T.state == WAITING)
    .values(
        state=sa.bindparam("new_state"),
        attempts=sa.bindparam("tried"),
        due_at=sa.bindparam("next_at"),
        settled_at=sa.bindparam("now"),
        problem=sa.bindparam("why"),
    )
)
#: Changes nothing, but makes a transaction of SQLite the only one that writes.
_LOCK = sa.update(outcomes).where(sa.false()).values(attempts=0)
#: An outcome that was not tried keeps its place.
_RELEASE = sa.update(outcomes).where(_T.state == WAITING).values(due_at=_T.recorded_at)


class SqlOutbox(Database):
    """Stores the outcomes of one product, from one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.
        clock: epoch seconds.
        schedule: when an outcome is tried again.
        prepare: creates or migrates the tables; replaced by those who only read.
        claim_s: how long a claim lasts, in seconds.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(
        self,
        url: str,
        product_id: str,
        clock: Callable[[], float],
        schedule: Schedule = _SCHEDULE,
        prepare: Callable[[Any], None] = migrate,
        claim_s: float = CLAIM_S,
    ) -> None:
        super().__init__(
            url,
            holds="outcomes",
            without="Toasts and chat continue; outcomes are delivered later.",
            prepare=prepare,
            wait_s=_WAIT_S,
        )
        self._product_id = product_id
        self._clock = clock
        self._schedule = schedule
        self._claim_s = claim_s

    async def exchange(
        self,
        target: str,
        most: int,
        settled: Sequence[Settlement] = (),
        untried: Sequence[int] = (),
        address: str = "",
        wait_s: float | None = None,
    ) -> list[Claimed] | None:
        """Store what became of outcomes, and claim others that are due; None if the database does not work.

        Args:
            target: the target's name.
            most: how many to claim at most.
            settled: what became of outcomes that were claimed before.
            untried: the numbers of claimed outcomes that were not tried; they are due again.
            address: digest of the target's address, for one that is gone.
            wait_s: replaces the limit for a database that hangs, in seconds.
        """

        def run(connection: Any) -> list[Claimed]:
            if settled:
                self._settle(connection, target, settled, address)
            if untried:
                connection.execute(_RELEASE.where(_T.number.in_(list(untried))))
            return self._claim(connection, target, most) if most > 0 else []

        return await self.run(run, None, wait_s)

    def _settle(self, connection: Any, target: str, settled: Sequence[Settlement], address: str) -> None:
        now = self._clock()
        numbers = [each.number for each in settled]
        tried = sa.select(_T.number, _T.attempts).where(_T.number.in_(numbers), _T.state == WAITING)
        attempts = {number: count + 1 for number, count in connection.execute(tried)}
        rows = [
            self._settled_row(each, attempts[each.number], now) for each in settled if each.number in attempts
        ]
        if rows:
            connection.execute(_SETTLE, rows)
        record_attempts(connection, (self._product_id, target), settled, len(rows), now, address)

    def _settled_row(self, settlement: Settlement, attempts: int, now: float) -> dict[str, Any]:
        next_at = None
        if not settlement.is_delivered:
            # A receiver that is gone is not asked again, but the outcome is kept for another address.
            next_at = self._schedule.next_at(attempts, now, settlement.not_before)
        state = DELIVERED if settlement.is_delivered else FAILED if next_at is None else WAITING
        return {
            "of_number": settlement.number,
            "new_state": state,
            "tried": attempts,
            "next_at": next_at or 0.0,
            "now": 0.0 if state == WAITING else now,
            "why": settlement.problem,
        }

    def _claim(self, connection: Any, target: str, most: int) -> list[Claimed]:
        now = self._clock()
        values = {"product": self._product_id, "to": target, "now": now, "most": most}
        claimed = [Claimed(*row) for row in connection.execute(_DUE, values)]
        if claimed and connection.dialect.name == "sqlite":
            # Reading locks nothing there, so another process may have claimed them since.
            connection.execute(_LOCK)
            claimed = [Claimed(*row) for row in connection.execute(_DUE, values)]
        if claimed:
            numbers = [each.number for each in claimed]
            connection.execute(
                sa.update(outcomes).where(_T.number.in_(numbers)).values(due_at=now + self._claim_s)
            )
        return claimed

    async def forget_before(self, target: str, cutoff: float) -> int | None:
        """Delete the outcomes that were recorded before ``cutoff``, epoch seconds.

        Returns:
            How many of them still waited; None if that fails.
        """
        old = _T.target == target, _T.recorded_at < cutoff
        for state in (DELIVERED, FAILED):
            if await self._delete(sa.select(_T.number).where(*self._in_state(state), *old)) is None:
                return None
        return await self._delete_undelivered(
            target, sa.select(_T.number).where(*self._in_state(WAITING), *old)
        )

    async def drop_surplus(self, target: str, max_rows: int) -> int | None:
        """Delete outcomes beyond a limit: first delivered ones, then failed ones, then the oldest ones.

        Returns:
            How many were deleted that still waited; None if that fails.
        """
        count = (
            sa.select(sa.func.count())
            .select_from(outcomes)
            .where(_T.product_id == self._product_id, _T.target == target)
        )
        total = await self.run(lambda connection: int(connection.execute(count).scalar()), None)
        if total is None:
            return None
        surplus = total - max_rows
        for state in (DELIVERED, FAILED):
            some = sa.select(_T.number).where(*self._in_state(state), _T.target == target)
            deleted = await self._delete(some.order_by(_T.number), surplus)
            if deleted is None:
                return None
            surplus -= deleted
        oldest = sa.select(_T.number).where(*self._in_state(WAITING), _T.target == target)
        return await self._delete_undelivered(target, oldest.order_by(_T.number), surplus)

    async def _delete_undelivered(self, target: str, query: Any, most: int = _EVERY) -> int | None:
        dropped = await self._delete(query, most)
        if dropped:
            key = self._product_id, target
            await self.run(lambda connection: add_dropped(connection, key, dropped), None)
        return dropped

    async def _delete(self, query: Any, most: int = _EVERY) -> int | None:
        deleted = 0
        while deleted < most:
            step = await self.run(partial(_delete_some, query=query.limit(min(_CUT, most - deleted))), None)
            if not step:
                return step if step is None else deleted
            deleted += step
        return deleted

    async def export(self, user_id: str) -> list[dict[str, Any]] | None:
        """Return a user's outcomes for JSON, oldest first; None if they cannot be read."""
        names = ("outcome_id", "target", "state", "attempts", "problem", "body")
        query = sa.select(*(_T[name] for name in names)).where(*self._are_of(user_id)).order_by(_T.number)

        def read(connection: Any) -> list[dict[str, Any]]:
            if not sa.inspect(connection).has_table(outcomes.name):
                return []
            return [dict(row) for row in connection.execute(query).mappings()]

        return await self.run(read, None)

    async def forget(self, user_id: str) -> int | None:
        """Delete a user's outcomes; return how many, or None if that fails."""

        def delete(connection: Any) -> int:
            if not sa.inspect(connection).has_table(outcomes.name):
                return 0
            return int(connection.execute(sa.delete(outcomes).where(*self._are_of(user_id))).rowcount)

        return await self.run(delete, None)

    def _in_state(self, state: str) -> tuple[Any, Any]:
        return _T.product_id == self._product_id, _T.state == state

    def _are_of(self, user_id: str) -> tuple[Any, Any]:
        return _T.product_id == self._product_id, _T.user_id == user_id


def _delete_some(connection: Any, query: Any) -> int:
    numbers = [row[0] for row in connection.execute(query)]
    if numbers:
        connection.execute(sa.delete(outcomes).where(_T.number.in_(numbers)))
    return len(numbers)
