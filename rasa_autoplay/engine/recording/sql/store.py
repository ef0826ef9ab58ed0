"""Stores recorded sessions in SQL: SQLite by default, PostgreSQL or another database by its URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.recording.row import NumberedRow, RecordedSession, RecordingRow, RowKind
from rasa_autoplay.engine.recording.sql.schema import migrate, recordings
from rasa_autoplay.storage.database import Database

__all__ = ["SqlRecordingStore", "delete_leftovers", "prepare_nothing"]

#: Timeout of an operation in the background, in seconds.
_WAIT_S = 10.0
#: The bound deletes this many rows at once.
_CUT = 5_000
#: Once the bound is reached, this share of it is kept, so that it is not reached again at once.
_KEPT_SHARE = 0.95
#: Later than any time.
_EVER = 1e12
#: More sessions of a user than this are not listed.
_MOST_SESSIONS = 200

_T = recordings.c
_COLUMNS = [_T[name] for name in RecordingRow._fields]
_ORDER = (_T.at, _T.number)
_INSERT = sa.insert(recordings)
_LAST_OF_RUN = sa.select(sa.func.max(_T.run_number)).where(_T.run_id == sa.bindparam("run"))


class SqlRecordingStore(Database):
    """Stores the rows of one product, from one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.
        prepare: creates or migrates the table; replaced by those who only read.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str, prepare: Callable[[Any], None] = migrate) -> None:
        super().__init__(
            url,
            holds="recorded sessions",
            without="Toasts and chat continue; what happens meanwhile is recorded later, up to a limit.",
            prepare=prepare,
            wait_s=_WAIT_S,
        )
        self._product_id = product_id
        self._is_ours = _T.product_id == product_id

    async def append(self, run_id: str, rows: Callable[[], Sequence[NumberedRow]]) -> bool:
        """Add rows, except for those that are stored already; True once they are durable.

        Args:
            run_id: the engine's run.
            rows: returns them in the order of their numbers; called on the database's thread, because
                encoding takes time.
        """

        def write(connection: Any) -> bool:
            # A write that took too long may have succeeded, and is tried again.
            last = connection.execute(_LAST_OF_RUN, {"run": run_id}).scalar() or 0
            same = {"product_id": self._product_id, "run_id": run_id}
            new = [{**row._asdict(), **same, "run_number": number} for number, row in rows() if number > last]
            if new:
                connection.execute(_INSERT, new)
            return True

        return await self.run(write, False)

    async def sessions_of(self, user_id: str) -> list[RecordedSession] | None:
        """Return a user's recorded sessions, newest first, up to 200; None if they cannot be read."""
        actions = sa.func.sum(sa.case((_T.kind == RowKind.ACTIONS, _T.entries), else_=0))
        decisions = sa.func.sum(sa.case((_T.kind == RowKind.DECISION, 1), else_=0))
        end = sa.func.max(_T.at)
        query = (
            sa.select(_T.session_id, sa.func.min(_T.at), end, actions, decisions)
            .where(
                self._is_ours, _T.session_id.in_(self._session_ids(user_id)), _T.user_id.in_([user_id, ""])
            )
            .group_by(_T.session_id)
            .order_by(end.desc())
            .limit(_MOST_SESSIONS)
        )
        return await self.run(lambda c: [RecordedSession(*row) for row in c.execute(query)], None)

    async def rows_of(
        self, session_ids: Sequence[str], until: float | None = None, limit: int = 50_000
    ) -> list[RecordingRow] | None:
        """Return the rows of sessions, in order; None if they cannot be read.

        Args:
            session_ids: the sessions.
            until: no rows after this time, epoch seconds; None for all.
            limit: at most this many rows.
        """
        query = sa.select(*_COLUMNS).where(self._is_ours, _T.session_id.in_(list(session_ids)))
        if until is not None:
            query = query.where(_T.at <= until)
        query = query.order_by(*_ORDER).limit(limit)
        return await self.run(lambda c: [RecordingRow(*row) for row in c.execute(query)], None)

    async def actions_since(
        self, since: float, after: tuple[float, int] = (0.0, 0), limit: int = 5_000
    ) -> list[tuple[float, int, str]] | None:
        """Return recorded batches as (time, number, JSON), in order; None if they cannot be read.

        Args:
            since: no batches before this time, epoch seconds.
            after: time and number of the last batch that was read already.
            limit: at most this many.
        """
        query = (
            sa.select(_T.at, _T.number, _T.data)
            .where(
                self._is_ours,
                _T.kind == RowKind.ACTIONS,
                _T.at >= max(since, after[0]),
                sa.or_(_T.at > after[0], sa.and_(_T.at == after[0], _T.number > after[1])),
            )
            .order_by(*_ORDER)
            .limit(limit)
        )
        return await self.run(lambda c: [tuple(row) for row in c.execute(query)], None)

    async def has_table(self) -> bool | None:
        """Whether anything was ever recorded in this database; None if that cannot be read."""
        return await self.run(lambda c: bool(sa.inspect(c).has_table(recordings.name)), None)

    async def count_entries(self) -> int | None:
        """Return how many actions, decisions and events are recorded; None if that fails."""
        query = sa.select(sa.func.coalesce(sa.func.sum(_T.entries), 0)).where(self._is_ours)
        return await self.run(lambda c: int(c.execute(query).scalar()), None)

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete the rows before ``cutoff`` (epoch seconds); return how many, None if that fails."""
        return await self.delete(sa.delete(recordings).where(self._is_ours, _T.at < cutoff))

    async def drop_oldest(self, max_entries: int) -> int | None:
        """Delete the oldest rows if there are more entries than allowed.

        Args:
            max_entries: how many may stay; after a deletion, 5 % fewer stay.

        Returns:
            How many entries were deleted; None if that fails.
        """
        total = await self.count_entries()
        if total is None or total <= max_entries:
            return None if total is None else 0
        surplus, dropped = total - int(max_entries * _KEPT_SHARE), 0
        while dropped < surplus:
            step = await self.run(partial(self._drop_some, surplus=surplus - dropped), None)
            if not step:
                return step if step is None else dropped
            dropped += step
        return dropped

    def _drop_some(self, connection: Any, surplus: int) -> int:
        oldest = sa.select(_T.number, _T.entries).where(self._is_ours).order_by(*_ORDER).limit(_CUT)
        numbers, freed = [], 0
        for number, entries in connection.execute(oldest):
            if freed >= surplus:
                break
            numbers.append(number)
            freed += entries
        for part in _parts(numbers):
            connection.execute(sa.delete(recordings).where(_T.number.in_(part)))
        return freed

    async def export(self, user_id: str) -> list[dict[str, Any]] | None:
        """Return all rows of a user for JSON, oldest first; None if they cannot be read."""
        query = sa.select(*_COLUMNS).where(*self._are_of(user_id)).order_by(*_ORDER)

        def read(connection: Any) -> list[dict[str, Any]]:
            rows = (RecordingRow(*row) for row in connection.execute(query))
            return [{**row._asdict(), "data": row.decoded()} for row in rows]

        return await self.run(read, None)

    async def forget(self, user_id: str) -> int | None:
        """Delete all rows of a user; return how many, or None if that fails."""
        return await self.delete(sa.delete(recordings).where(*self._are_of(user_id)))

    def _are_of(self, user_id: str) -> tuple[Any, Any]:
        """The user's rows, with those of the same sessions from before the user was known."""
        anonymous = sa.and_(_T.user_id == "", _T.session_id.in_(self._session_ids(user_id)))
        return self._is_ours, sa.or_(_T.user_id == user_id, anonymous)

    def _session_ids(self, user_id: str) -> Any:
        own = recordings.alias()
        return (
            sa.select(own.c.session_id)
            .where(own.c.product_id == self._product_id, own.c.user_id == user_id)
            .distinct()
        )


def prepare_nothing(_connection: Any) -> None:
    """Create nothing, for those who only read what there is."""


async def delete_leftovers(url: str, product_id: str) -> None:
    """Delete what was recorded before recording was switched off; does nothing if there never was a table."""
    store = SqlRecordingStore(url, product_id, prepare_nothing)
    try:
        if await store.has_table():
            await store.forget_before(_EVER)
    finally:
        await store.close()


def _parts(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """Split numbers, because a statement has a limited number of parameters."""
    for begin in range(0, len(numbers), size):
        yield numbers[begin : begin + size]
