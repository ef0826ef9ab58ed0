"""The table of changes. Entries are only added; the pauses in force follow from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.migrations import Migrations

__all__ = ["MIGRATIONS", "changes", "migrate"]

changes = sa.Table(
    "autoplay_changes",
    sa.MetaData(),
    # The order in which the database stored them. The clocks of several machines may differ.
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("change_id", sa.String(64), nullable=False, unique=True),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("trigger_id", sa.Text, nullable=False, server_default=""),
    sa.Column("who", sa.Text, nullable=False, server_default=""),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("engine_id", sa.Text, nullable=False, server_default=""),
    sa.Column("fingerprint", sa.Text, nullable=False, server_default=""),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Index("autoplay_changes_by_kind", "product_id", "kind", "number"),
)


def _create(connection: Any) -> None:
    changes.create(connection, checkfirst=True)


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (_create,)

migrate = Migrations("autoplay_changes_version", "the log of changes", MIGRATIONS).run
