"""The table of drafts of golden paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.migrations import Migrations

__all__ = ["MIGRATIONS", "migrate", "path_drafts"]

path_drafts = sa.Table(
    "autoplay_path_drafts",
    sa.MetaData(),
    sa.Column("draft_id", sa.String(64), primary_key=True),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    # The golden path as JSON.
    sa.Column("content", sa.Text, nullable=False),
    sa.Index("autoplay_path_drafts_by_time", "product_id", "made_at"),
)


def _create(connection: Any) -> None:
    path_drafts.create(connection, checkfirst=True)


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (_create,)

migrate = Migrations("autoplay_path_drafts_version", "the drafts of golden paths", MIGRATIONS).run
