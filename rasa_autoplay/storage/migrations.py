"""Migrates tables of an older version.

Every step first checks what exists, so that it can run again after a crash or in a second process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.database import UnusableSchema

__all__ = ["Migrations", "add_column", "add_index"]

#: An arbitrary number. All engines on a PostgreSQL server take this lock while they migrate.
_LOCK = 7_207_381


class Migrations:
    """The steps from an empty database to the current tables.

    Args:
        version_table: stores how many steps a database has had.
        holds: names the tables' content in errors.
        steps: in order; each gets a connection in a transaction. Append new steps at the end.
    """

    def __init__(self, version_table: str, holds: str, steps: Sequence[Callable[[Any], None]]) -> None:
        self._versions = sa.Table(
            version_table,
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("version", sa.Integer, nullable=False),
        )
        self._holds, self._steps = holds, steps

    def run(self, connection: Any) -> None:
        """Migrate a database to this version, in the connection's transaction.

        Raises:
            UnusableSchema: it has a later version. It is left unchanged.
        """
        if connection.dialect.name == "postgresql":
            # Building an index can take minutes, and other engines wait for the first one.
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        self._versions.create(connection, checkfirst=True)
        version = connection.execute(sa.select(self._versions.c.version)).scalar() or 0
        if version > len(self._steps):
            raise UnusableSchema(f"{self._holds} was written by a later version of rasa-autoplay")
        if version == len(self._steps):
            return
        for step in self._steps[version:]:
            step(connection)
        connection.execute(sa.delete(self._versions))
        connection.execute(sa.insert(self._versions).values(id=1, version=len(self._steps)))


def add_column(connection: Any, table: sa.Table, name: str, definition: str) -> bool:
    """Add a column with its default; returns False if it exists."""
    if name in {column["name"] for column in sa.inspect(connection).get_columns(table.name)}:
        return False
    connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN {name} {definition}"))
    return True


def add_index(connection: Any, table: sa.Table, name: str, columns: str) -> None:
    """Add an index, unless it exists."""
    if name not in {index["name"] for index in sa.inspect(connection).get_indexes(table.name)}:
        connection.execute(sa.text(f"CREATE INDEX {name} ON {table.name} ({columns})"))
