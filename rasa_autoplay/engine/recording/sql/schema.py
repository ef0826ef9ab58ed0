"""The table of recorded sessions. Rows are only added, and deleted when they are old."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.migrations import Migrations

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
    # Old rows are deleted by their time; counting the entries reads this index only.
    sa.Index("autoplay_recordings_by_time", "product_id", "at", "entries"),
    sa.Index("autoplay_recordings_of_user", "product_id", "user_id", "session_id"),
    sa.Index("autoplay_recordings_of_session", "product_id", "session_id", "at"),
)


def _create(connection: Any) -> None:
    recordings.create(connection, checkfirst=True)


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (_create,)

migrate = Migrations("autoplay_recording_version", "recorded sessions", MIGRATIONS).run
