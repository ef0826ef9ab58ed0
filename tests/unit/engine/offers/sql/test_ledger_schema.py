"""An older ledger is migrated and keeps its data, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.offers.sql.schema import MIGRATIONS

T0 = 1_700_000_000.0

#: The tables of the first version.
FIRST = (
    """CREATE TABLE autoplay_offers (
    offer_id VARCHAR(64) NOT NULL PRIMARY KEY, product_id TEXT NOT NULL, user_id TEXT NOT NULL,
    session_id TEXT NOT NULL, trigger_id TEXT NOT NULL, status VARCHAR(16) NOT NULL,
    created_at FLOAT NOT NULL, expires_at FLOAT NOT NULL, rendered_at FLOAT NOT NULL,
    evidence_until FLOAT NOT NULL, body TEXT NOT NULL, golden_path TEXT NOT NULL, page TEXT NOT NULL,
    interaction_timeout_s FLOAT, cooldown_s FLOAT, tours TEXT NOT NULL)""",
    """CREATE TABLE autoplay_receipts (
    receipt_id INTEGER NOT NULL PRIMARY KEY, offer_id VARCHAR(64) NOT NULL, event VARCHAR(32) NOT NULL,
    at FLOAT NOT NULL, detail TEXT NOT NULL)""",
)
ADD_OFFER = """INSERT INTO autoplay_offers VALUES (
    :offer_id, 'demo', 'u1', 's1', 't1', :status, :at, :at + 120, :rendered_at, :at, 'Shall I?', '', '', NULL,
    NULL, '[]')"""
ADD_RECEIPT = "INSERT INTO autoplay_receipts VALUES (:number, :offer_id, :event, :at, '')"
TABLES = ("autoplay_offers", "autoplay_receipts", "autoplay_ledger_version")


class Tables:
    """A database, beside the ledger."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = sa.create_engine(url, future=True)
        self.execute(*(f"DROP TABLE IF EXISTS {table}" for table in TABLES))

    def execute(self, *statements: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement), values)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._engine.begin() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    def add_offer(self, offer_id: str, status: str, rendered_at: float) -> None:
        self.execute(ADD_OFFER, offer_id=offer_id, status=status, at=T0, rendered_at=rendered_at)

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url
    made = Tables(url)
    yield made
    made.close()


@asynchronous
async def test_migrates_an_old_ledger_and_returns_known_timelines(tables: Tables) -> None:
    tables.execute(*FIRST)
    for offer_id, status, rendered_at in (
        ("waiting", "queued", 0),
        ("looked at", "seen", T0 + 1),
        ("refused", "dismissed", T0 + 1),
        ("over", "expired", 0),
    ):
        tables.add_offer(offer_id, status, rendered_at)
    reported = [
        ("looked at", "rendered", T0 + 1),
        ("looked at", "seen", T0 + 2),
        ("refused", "rendered", T0 + 1),
        ("refused", "dismissed", T0 + 4),
    ]
    for number, (offer_id, event, at) in enumerate(reported):
        tables.execute(ADD_RECEIPT, number=number, offer_id=offer_id, event=event, at=at)
    ledger = SqlOfferLedger(tables.url)
    lives = {offer.offer_id: offer.life() for offer in await ledger.history("demo", "u1")}
    assert lives == {
        "waiting": {"queued": T0},
        "looked at": {"queued": T0, "rendered": T0 + 1, "seen": T0 + 2},
        "refused": {"queued": T0, "rendered": T0 + 1, "seen": T0 + 4, "dismissed": T0 + 4},
        "over": {"queued": T0, "expired": T0 + 120},
    }
    assert ledger.problem == ""
    await ledger.close()
    assert tables.rows("SELECT id, version FROM autoplay_ledger_version") == [(1, len(MIGRATIONS))]


@asynchronous
async def test_repeats_an_interrupted_migration_without_changes(tables: Tables) -> None:
    tables.execute(*FIRST)
    tables.add_offer("over", "expired", 0)
    first = SqlOfferLedger(tables.url)
    before = await first.history("demo", "u1")
    await first.close()
    tables.execute("DELETE FROM autoplay_ledger_version", "UPDATE autoplay_offers SET closed_at = 7")
    again = SqlOfferLedger(tables.url)
    (offer,) = await again.history("demo", "u1")
    assert again.problem == ""
    assert offer.closed_at == 7, "what was filled in before stands"
    assert offer.offer_id == before[0].offer_id
    await again.close()


@asynchronous
async def test_leaves_a_ledger_of_a_later_version_unchanged(tables: Tables) -> None:
    first = SqlOfferLedger(tables.url)
    await first.history("demo", "u1")
    await first.close()
    tables.execute("UPDATE autoplay_ledger_version SET version = 99")
    again = SqlOfferLedger(tables.url)
    assert await again.history("demo", "u1") == []
    assert "later version of rasa-autoplay" in again.problem
    await again.close()
    assert tables.rows("SELECT version FROM autoplay_ledger_version") == [(99,)]
