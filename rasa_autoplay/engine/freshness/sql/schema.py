"""The tables of freshness."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.migrations import Migrations

__all__ = ["controls", "findings", "migrate", "observations", "reports"]

_METADATA = sa.MetaData()

#: What each session shows of each golden path. It belongs to a user.
observations = sa.Table(
    "autoplay_path_observations",
    _METADATA,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("path_id", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("steps", sa.Text, nullable=False),
    sa.Index("autoplay_path_observations_by_path", "product_id", "path_id", "at"),
)

#: Elements that a user's browser did not find. It belongs to a user.
reports = sa.Table(
    "autoplay_missing_elements",
    _METADATA,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("path_id", sa.Text, primary_key=True),
    sa.Column("step_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.String(16), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("page", sa.Text, nullable=False),
)

#: Controls that several users share, by the key that observations use. They name no user.
controls = sa.Table(
    "autoplay_shared_controls",
    _METADATA,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("key", sa.String(16), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
)

#: Suspicions and confirmations; entries are only added.
findings = sa.Table(
    "autoplay_step_findings",
    _METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("entry_id", sa.String(64), nullable=False, unique=True),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("path_id", sa.Text, nullable=False),
    sa.Column("step_id", sa.Text, nullable=False),
    sa.Column("digest", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("suspect", sa.Text, nullable=False, server_default=""),
    sa.Column("who", sa.Text, nullable=False, server_default=""),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Index("autoplay_step_findings_by_product", "product_id", "number"),
)


def _create(connection: Any) -> None:
    _METADATA.create_all(connection, checkfirst=True)


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (_create,)

migrate = Migrations("autoplay_freshness_version", "freshness", MIGRATIONS).run
