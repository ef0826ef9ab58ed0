"""The tables of offers and receipts, and the migrations from older versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.offers.offer_status import ANSWERS, OfferStatus
from rasa_autoplay.storage.migrations import Migrations, add_column, add_index

__all__ = ["MIGRATIONS", "migrate", "offers", "receipts"]

_metadata = sa.MetaData()
offers = sa.Table(
    "autoplay_offers",
    _metadata,
    sa.Column("offer_id", sa.String(64), primary_key=True),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("trigger_id", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    sa.Column("rendered_at", sa.Float, nullable=False),
    sa.Column("evidence_until", sa.Float, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("golden_path", sa.Text, nullable=False),
    sa.Column("page", sa.Text, nullable=False),
    sa.Column("interaction_timeout_s", sa.Float),
    sa.Column("cooldown_s", sa.Float),
    sa.Column("tours", sa.Text, nullable=False),
    sa.Column("sent_at", sa.Float, nullable=False, server_default="0"),
    sa.Column("seen_at", sa.Float, nullable=False, server_default="0"),
    sa.Column("closed_at", sa.Float, nullable=False, server_default="0"),
    sa.Column("reply_options", sa.Text, nullable=False, server_default="[]"),
    sa.Column("arm", sa.String(16), nullable=False, server_default="shown"),
    sa.Column("show_probability", sa.Float, nullable=False, server_default="1"),
    sa.Column("holdout_probability", sa.Float, nullable=False, server_default="0"),
    sa.Column("variant", sa.Text, nullable=False, server_default=""),
    sa.Column("explored_gate", sa.String(32), nullable=False, server_default=""),
    sa.Column("first_way", sa.String(8), nullable=False, server_default=""),
    sa.Index("autoplay_offers_of_user", "product_id", "user_id", "created_at"),
    sa.Index("autoplay_offers_by_end", "expires_at"),
    sa.Index("autoplay_offers_by_creation", "product_id", "created_at"),
)
receipts = sa.Table(
    "autoplay_receipts",
    _metadata,
    sa.Column("receipt_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("offer_id", sa.String(64), nullable=False, index=True),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)
_ANSWER_NAMES = sorted(status.value for status in ANSWERS)


def _create(connection: Any) -> None:
    _metadata.create_all(connection)


def _add_times(connection: Any) -> None:
    """Add the times when an offer was sent, seen and closed; receipts show those of older offers."""
    added = [
        add_column(connection, offers, name, "FLOAT NOT NULL DEFAULT 0")
        for name in ("sent_at", "seen_at", "closed_at")
    ]
    if not any(added):
        return
    of_offer = receipts.c.offer_id == offers.c.offer_id
    shows_seen = ("seen", *_ANSWER_NAMES)
    seen = sa.select(sa.func.min(receipts.c.at)).where(of_offer, receipts.c.event.in_(shows_seen))
    answered = sa.select(sa.func.max(receipts.c.at)).where(of_offer, receipts.c.event == offers.c.status)
    unclosed = sa.update(offers).where(offers.c.closed_at == 0)
    connection.execute(
        sa.update(offers)
        .where(offers.c.seen_at == 0)
        .values(seen_at=sa.func.coalesce(seen.scalar_subquery(), 0))
    )
    connection.execute(
        unclosed.where(offers.c.status.in_(_ANSWER_NAMES)).values(
            closed_at=sa.func.coalesce(answered.scalar_subquery(), 0)
        )
    )
    connection.execute(
        unclosed.where(offers.c.status == OfferStatus.EXPIRED.value).values(closed_at=offers.c.expires_at)
    )


def _add_reply_options(connection: Any) -> None:
    """Add the texts of further buttons, which older offers do not have."""
    add_column(connection, offers, "reply_options", "TEXT NOT NULL DEFAULT '[]'")


def _add_experiments(connection: Any) -> None:
    """Add the arm, variant and explored gate of each decision. Every older offer was shown to its user."""
    add_column(connection, offers, "arm", "VARCHAR(16) NOT NULL DEFAULT 'shown'")
    add_column(connection, offers, "show_probability", "FLOAT NOT NULL DEFAULT 1")
    add_column(connection, offers, "holdout_probability", "FLOAT NOT NULL DEFAULT 0")
    add_column(connection, offers, "variant", "TEXT NOT NULL DEFAULT ''")
    add_column(connection, offers, "explored_gate", "VARCHAR(32) NOT NULL DEFAULT ''")
    add_column(connection, offers, "first_way", "VARCHAR(8) NOT NULL DEFAULT ''")


def _index_by_creation(connection: Any) -> None:
    # Results are about the decisions of a period.
    add_index(connection, offers, f"{offers.name}_by_creation", "product_id, created_at")


#: In order; a database's version is the number of migrations that it has had.
MIGRATIONS: Sequence[Callable[[Any], None]] = (
    _create,
    _add_times,
    _add_reply_options,
    _add_experiments,
    _index_by_creation,
)

migrate = Migrations("autoplay_ledger_version", "the ledger of offers", MIGRATIONS).run
