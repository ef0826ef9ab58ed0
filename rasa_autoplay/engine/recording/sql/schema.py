"""The table of recorded sessions. Rows are only added, and deleted when they are old."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.migrations import Migrations, add_column, add_index

__all__ = ["MIGRATIONS", "migrate", "recordings"]

recordings = sa.Table(
    "autoplay_recordings",
    sa.MetaData(),
    # The order in which rows of one time happened. SQLite numbers only a column of this type by itself.
    sa.Column(
        "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("at", sa.Float(precision=53), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    # The engine's run and its own number of the row, so that a row that is written again is stored once.
    sa.Column("run_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("run_number", sa.Integer, nullable=False, server_default="0"),
    # Old rows are deleted by their time; counting the entries reads this index only.
    sa.Index("autoplay_recordings_by_time", "product_id", "at", "entries"),
    sa.Index("autoplay_recordings_of_user", "product_id", "user_id", "session_id"),
    sa.Index("autoplay_recordings_of_session", "product_id", "session_id", "at"),
    sa.Index("autoplay_recordings_of_run", "run_id", "run_number"),
)


def _create(connection: Any) -> None:
    recordings.create(connection, checkfirst=True)


def _add_run(connection: Any) -> None:
    add_column(connection, recordings, "run_id", "VARCHAR(64) NOT NULL DEFAULT ''")
    add_column(connection, recordings, "run_number", "INTEGER NOT NULL DEFAULT 0")
    add_index(connection, recordings, f"{recordings.name}_of_run", "run_id, run_number")


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (_create, _add_run)

migrate = Migrations("autoplay_recording_version", "recorded sessions", MIGRATIONS).run
