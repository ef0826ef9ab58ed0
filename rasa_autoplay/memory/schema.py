"""The tables of user memory, and how those of an older version become those of this one.

Every migration looks at what is there first, so that it can be run again: after a crash, or by a second
process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.database import UnusableSchema

__all__ = ["MIGRATIONS", "migrate", "sessions"]

_metadata = sa.MetaData()

sessions = sa.Table(
    "autoplay_session_analyses",
    _metadata,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float, nullable=False),
    sa.Column("action_count", sa.Integer, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("proofs", sa.Text, nullable=False, server_default="{}"),
)
_versions = sa.Table(
    "autoplay_memory_version",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
)

#: Any number: all engines on a PostgreSQL server take the same lock while they migrate.
_LOCK = 7_207_381


def _create_sessions(connection: Any) -> None:
    sessions.create(connection, checkfirst=True)


def _add_proofs(connection: Any) -> None:
    columns = {column["name"] for column in sa.inspect(connection).get_columns(sessions.name)}
    if "proofs" not in columns:
        statement = f"ALTER TABLE {sessions.name} ADD COLUMN proofs TEXT NOT NULL DEFAULT '{{}}'"
        connection.execute(sa.text(statement))


def _index_by_end(connection: Any) -> None:
    # Retention looks for what is old.
    name = f"{sessions.name}_by_end"
    if name not in {index["name"] for index in sa.inspect(connection).get_indexes(sessions.name)}:
        connection.execute(sa.text(f"CREATE INDEX {name} ON {sessions.name} (ended_at)"))


#: In order; the version of a database is the number of those that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (_create_sessions, _add_proofs, _index_by_end)


def migrate(connection: Any) -> None:
    """Bring a database to this version, in the transaction of the connection.

    Raises:
        UnusableSchema: it is of a later version; nothing in it is changed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    _versions.create(connection, checkfirst=True)
    version = connection.execute(sa.select(_versions.c.version)).scalar() or 0
    if version > len(MIGRATIONS):
        raise UnusableSchema("user memory was written by a later version of rasa-autoplay")
    if version == len(MIGRATIONS):
        return
    for migration in MIGRATIONS[version:]:
        migration(connection)
    connection.execute(sa.delete(_versions))
    connection.execute(sa.insert(_versions).values(id=1, version=len(MIGRATIONS)))
