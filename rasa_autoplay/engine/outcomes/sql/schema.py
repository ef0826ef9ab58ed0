"""The tables of outcomes and of their targets, and the migrations from older versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.storage.migrations import Migrations

__all__ = ["DELIVERED", "FAILED", "WAITING", "migrate", "outcomes", "prepare_nothing", "targets"]

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"

_metadata = sa.MetaData()
#: One row for each outcome and target. Rows are claimed by moving ``due_at`` into the future.
outcomes = sa.Table(
    "autoplay_outcomes",
    _metadata,
    sa.Column(
        "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("outcome_id", sa.String(40), nullable=False),
    sa.Column("target", sa.String(16), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Float, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("settled_at", sa.Float, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Index("autoplay_outcomes_due", "product_id", "target", "state", "due_at"),
    sa.Index("autoplay_outcomes_once", "outcome_id", "target", unique=True),
    sa.Index("autoplay_outcomes_of_user", "product_id", "user_id"),
)
targets = sa.Table(
    "autoplay_outcome_targets",
    _metadata,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("target", sa.String(16), primary_key=True),
    sa.Column("delivered", sa.BigInteger, nullable=False),
    sa.Column("dropped", sa.BigInteger, nullable=False),
    sa.Column("succeeded_at", sa.Float, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("problem_at", sa.Float, nullable=False),
    # The address that has answered 410 Gone, as a digest; empty for none.
    sa.Column("gone", sa.String(64), nullable=False),
)


def _create(connection: Any) -> None:
    _metadata.create_all(connection)


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (_create,)

migrate = Migrations("autoplay_outcomes_version", "The outcomes", MIGRATIONS).run


def prepare_nothing(_connection: Any) -> None:
    """Create nothing, for those who only read what there is."""
