"""The table of user memory, and the migrations from older versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.migrations import Migrations, add_column, add_index

__all__ = ["MIGRATIONS", "migrate", "sessions"]

sessions = sa.Table(
    "autoplay_session_analyses",
    sa.MetaData(),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float, nullable=False),
    sa.Column("action_count", sa.Integer, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("proofs", sa.Text, nullable=False, server_default="{}"),
    sa.Column("properties", sa.Text, nullable=False, server_default="{}"),
    sa.Column("summary", sa.Text, nullable=False, server_default=""),
)


def _create_sessions(connection: Any) -> None:
    sessions.create(connection, checkfirst=True)


def _add_evidence(connection: Any) -> None:
    add_column(connection, sessions, "proofs", "TEXT NOT NULL DEFAULT '{}'")


def _add_properties(connection: Any) -> None:
    add_column(connection, sessions, "properties", "TEXT NOT NULL DEFAULT '{}'")


def _add_summary(connection: Any) -> None:
    add_column(connection, sessions, "summary", "TEXT NOT NULL DEFAULT ''")


def _index_by_end(connection: Any) -> None:
    # Retention searches by the end of sessions.
    add_index(connection, sessions, f"{sessions.name}_by_end", "ended_at")


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (
    _create_sessions,
    _add_evidence,
    _index_by_end,
    _add_properties,
    _add_summary,
)

migrate = Migrations("autoplay_memory_version", "user memory", MIGRATIONS).run
