"""User memory in SQL: SQLite by default, PostgreSQL or another by its SQLAlchemy URL."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.base import SessionRecord, UserKey
from rasa_autoplay.engine.memory.sql.schema import migrate, sessions
from rasa_autoplay.events.user_properties import PropertyValue
from rasa_autoplay.storage.database import Database

__all__ = ["SqlMemoryStore"]

logger = logging.getLogger(__name__)

#: Of a user, the newest so many sessions are looked at.
_SESSIONS_OF_A_USER = 1000
#: Hundreds of sessions are written and read at a time, in the background.
_WAIT_S = 8.0
_NEWEST = sessions.c.ended_at.desc()
_JSON = ("findings", "proofs", "properties")
_KEY = ("product_id", "user_id", "session_id")
# Every user who appears is looked up: to build the statement anew takes longer than to carry it out.
_NEWEST_OF_USER = (
    sa.select(sessions)
    .where(sessions.c.product_id == sa.bindparam("product"), sessions.c.user_id == sa.bindparam("user"))
    .order_by(_NEWEST)
    .limit(_SESSIONS_OF_A_USER)
)


class SqlMemoryStore:
    """Sessions in a database, written by one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, as ``database.url`` in ``autoplay.yml``.

    Raises:
        ConfigError: the URL names no database that can be used here.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(
            url,
            holds="user memory",
            without="Toasts and chat go on; what sessions show is written when it is back.",
            prepare=migrate,
            wait_s=_WAIT_S,
        )

    @property
    def problem(self) -> str:
        """What is wrong with the database; empty while all is well."""
        return self._database.problem

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        """Write records in place of those of the same sessions; True when they are durable."""
        rows = {_key_of(record): _to_row(record) for record in records if _is_storable(record)}

        def write(connection: Any) -> bool:
            # Deleting and inserting is the one form of an upsert that all databases have.
            same = (sessions.c[name] == sa.bindparam(f"of_{name}") for name in _KEY)
            keys = [{f"of_{name}": part for name, part in zip(_KEY, key, strict=True)} for key in rows]
            connection.execute(sa.delete(sessions).where(*same), keys)
            connection.execute(sa.insert(sessions), list(rows.values()))
            return True

        return await self._database.run(write, False) if rows else True

    async def recall(self, users: Sequence[UserKey]) -> dict[UserKey, list[SessionRecord]] | None:
        """The newest 1,000 sessions of each of these users, newest first; None when they cannot be read."""

        def read(connection: Any) -> dict[UserKey, list[SessionRecord]]:
            return {user: list(_readable(_newest_of(connection, user))) for user in users}

        return await self._database.run(read, None)

    async def describe(self, analysis: SessionAnalysis, words: str) -> bool:
        """Add words to a stored session, and nothing else; False when it is gone, has gone on, or fails."""
        same = (sessions.c[name] == getattr(analysis, name) for name in (*_KEY, "ended_at"))
        statement = sa.update(sessions).where(*same).values(words=words)

        def write(connection: Any) -> bool:
            return int(connection.execute(statement).rowcount) == 1

        return await self._database.run(write, False)

    async def export(self, user: UserKey) -> list[dict[str, Any]] | None:
        """All that is stored of a user's sessions, newest first, for JSON; None when it cannot be read."""

        def read(connection: Any) -> list[dict[str, Any]]:
            rows = connection.execute(sa.select(sessions).where(*_are_of(user)).order_by(_NEWEST)).mappings()
            return [{**row, **{name: _plain(row[name]) for name in _JSON}} for row in rows]

        return await self._database.run(read, None)

    async def forget(self, user: UserKey) -> int | None:
        """Delete all of a user's sessions; how many there were, None when it cannot be done."""
        return await self._delete(sa.delete(sessions).where(*_are_of(user)))

    async def forget_before(self, at: float) -> int | None:
        """Delete what ended before then (epoch seconds); how many there were, None when it cannot be done."""
        return await self._delete(sa.delete(sessions).where(sessions.c.ended_at < at))

    async def close(self) -> None:
        """Finish what was begun, and let the database go."""
        await self._database.close()

    async def _delete(self, statement: Any) -> int | None:
        def delete(connection: Any) -> int | None:
            return int(connection.execute(statement).rowcount)

        return await self._database.run(delete, None)


def _are_of(user: UserKey) -> tuple[Any, Any]:
    return sessions.c.product_id == user[0], sessions.c.user_id == user[1]


def _newest_of(connection: Any, user: UserKey) -> Any:
    return connection.execute(_NEWEST_OF_USER, {"product": user[0], "user": user[1]}).mappings()


def _plain(text: str) -> Any:
    """JSON as values; what is not JSON as it stands."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _key_of(record: SessionRecord) -> tuple[str, str, str]:
    return record.analysis.product_id, record.analysis.user_id, record.analysis.session_id


def _is_storable(record: SessionRecord) -> bool:
    """Whether every database takes its ids; one that none of them takes must not keep the others waiting."""
    try:
        return b"\0" not in "".join(_key_of(record)).encode()
    except UnicodeEncodeError:
        return False


def _to_row(record: SessionRecord) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.structs.asdict(record.analysis)
    row["findings"] = msgspec.json.encode(record.analysis.findings).decode()
    row["properties"] = msgspec.json.encode(record.analysis.properties).decode()
    row["proofs"] = record.proofs
    return row


def _readable(rows: Iterable[Any]) -> Iterator[SessionRecord]:
    for row in rows:
        values = dict(row)
        proofs = values.pop("proofs")
        try:
            values["findings"] = msgspec.json.decode(values["findings"], type=list[PathFinding])
            values["properties"] = msgspec.json.decode(values["properties"], type=dict[str, PropertyValue])
        except (msgspec.DecodeError, UnicodeEncodeError) as problem:
            reason = type(problem).__name__
            logger.warning("A session in the database cannot be read, and is left out: %s.", reason)
            continue
        yield SessionRecord(SessionAnalysis(**values), proofs)
