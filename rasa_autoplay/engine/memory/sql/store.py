"""Stores user memory in SQL: SQLite by default, PostgreSQL or another database by its SQLAlchemy URL."""

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

__all__ = ["SqlMemoryStore", "readable_sessions"]

logger = logging.getLogger(__name__)

#: Only this many of a user's latest sessions are read.
_SESSIONS_PER_USER = 1000
#: Timeout of an operation (seconds); each handles hundreds of sessions in the background.
_WAIT_S = 8.0
_NEWEST = sessions.c.ended_at.desc()
_JSON = ("findings", "proofs", "properties")
_KEY = ("product_id", "user_id", "session_id")
#: Users that one statement looks up; older versions of SQLite allow 999 parameters.
_LOOKED_UP = 500
# Built once: every new user is looked up, and building a statement takes longer than executing it.
_KNOWN_USERS = (
    sa.select(sessions.c.user_id)
    .distinct()
    .where(
        sessions.c.product_id == sa.bindparam("product"),
        sessions.c.user_id.in_(sa.bindparam("users", expanding=True)),
    )
)
_NEWEST_OF_USER = (
    sa.select(sessions)
    .where(sessions.c.product_id == sa.bindparam("product"), sessions.c.user_id == sa.bindparam("user"))
    .order_by(_NEWEST)
    .limit(_SESSIONS_PER_USER)
)


class SqlMemoryStore(Database):
    """Stores sessions in a database, from one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            holds="user memory",
            without="Toasts and chat continue; sessions are saved once it is available again.",
            prepare=migrate,
            wait_s=_WAIT_S,
        )

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        """Write records, replacing those of the same sessions; True once they are durable."""
        rows = {_key_of(record): _to_row(record) for record in records if _is_storable(record)}

        def write(connection: Any) -> bool:
            # Delete and insert, because databases have no common syntax for an upsert.
            same = (sessions.c[name] == sa.bindparam(f"of_{name}") for name in _KEY)
            keys = [{f"of_{name}": part for name, part in zip(_KEY, key, strict=True)} for key in rows]
            connection.execute(sa.delete(sessions).where(*same), keys)
            connection.execute(sa.insert(sessions), list(rows.values()))
            return True

        return await self.run(write, False) if rows else True

    async def recall(self, users: Sequence[UserKey]) -> dict[UserKey, list[SessionRecord]] | None:
        """Return the latest 1,000 sessions of each user, newest first; None if they cannot be read."""

        def read(connection: Any) -> dict[UserKey, list[SessionRecord]]:
            known = _known_among(connection, users)
            return {
                user: list(readable_sessions(_newest_of(connection, user))) if user in known else []
                for user in users
            }

        return await self.run(read, None)

    async def describe(self, analysis: SessionAnalysis, words: str) -> bool:
        """Add a description to a stored session; False if it is gone, has continued, or on failure."""
        same = (sessions.c[name] == getattr(analysis, name) for name in (*_KEY, "ended_at"))
        statement = sa.update(sessions).where(*same).values(words=words)

        def write(connection: Any) -> bool:
            return int(connection.execute(statement).rowcount) == 1

        return await self.run(write, False)

    async def export(self, user: UserKey) -> list[dict[str, Any]] | None:
        """Return all stored sessions of a user for JSON, newest first; None if they cannot be read."""

        def read(connection: Any) -> list[dict[str, Any]]:
            rows = connection.execute(sa.select(sessions).where(*_are_of(user)).order_by(_NEWEST)).mappings()
            return [{**row, **{name: _plain(row[name]) for name in _JSON}} for row in rows]

        return await self.run(read, None)

    async def forget(self, user: UserKey) -> int | None:
        """Delete all sessions of a user; return their number, or None if that fails."""
        return await self.delete(sa.delete(sessions).where(*_are_of(user)))

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete sessions that ended before ``cutoff`` (epoch seconds); return how many, None on failure."""
        return await self.delete(sa.delete(sessions).where(sessions.c.ended_at < cutoff))


def _are_of(user: UserKey) -> tuple[Any, Any]:
    return sessions.c.product_id == user[0], sessions.c.user_id == user[1]


def _known_among(connection: Any, users: Sequence[UserKey]) -> set[UserKey]:
    """Return the users who have stored sessions. Most who appear are new, and need no query of their own."""
    by_product: dict[str, list[str]] = {}
    for product_id, user_id in users:
        by_product.setdefault(product_id, []).append(user_id)
    known: set[UserKey] = set()
    for product_id, user_ids in by_product.items():
        for first in range(0, len(user_ids), _LOOKED_UP):
            asked = {"product": product_id, "users": user_ids[first : first + _LOOKED_UP]}
            known.update(
                (product_id, user_id) for user_id in connection.execute(_KNOWN_USERS, asked).scalars()
            )
    return known


def _newest_of(connection: Any, user: UserKey) -> Any:
    return connection.execute(_NEWEST_OF_USER, {"product": user[0], "user": user[1]}).mappings()


def _plain(text: str) -> Any:
    """Decode JSON; return other texts unchanged."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _key_of(record: SessionRecord) -> tuple[str, str, str]:
    return record.analysis.product_id, record.analysis.user_id, record.analysis.session_id


def _is_storable(record: SessionRecord) -> bool:
    """Whether all databases accept its ids; a record with invalid ids must not block the others."""
    try:
        return b"\0" not in "".join(_key_of(record)).encode()
    except UnicodeEncodeError:
        return False


def _to_row(record: SessionRecord) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.structs.asdict(record.analysis)
    row["findings"] = msgspec.json.encode(record.analysis.findings).decode()
    row["properties"] = msgspec.json.encode(record.analysis.properties).decode()
    row["proofs"] = record.evidence
    return row


def readable_sessions(rows: Iterable[Any]) -> Iterator[SessionRecord]:
    """Decode rows of the table; those that cannot be read are logged and left out."""
    for row in rows:
        values = dict(row)
        evidence = values.pop("proofs")
        try:
            values["findings"] = msgspec.json.decode(values["findings"], type=list[PathFinding])
            values["properties"] = msgspec.json.decode(values["properties"], type=dict[str, PropertyValue])
        except (msgspec.DecodeError, UnicodeEncodeError) as problem:
            reason = type(problem).__name__
            logger.warning("A stored session cannot be read and is ignored: %s.", reason)
            continue
        yield SessionRecord(SessionAnalysis(**values), evidence)
