"""The ledger on a real SQLite file: durable, and its failures stop nothing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.tour_step import TourStep
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import CLOSING, OfferStatus
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.errors import ConfigError

T0 = 1_700_000_000.0


def offer(offer_id: str = "o1", at: float = 0.0, **fields: Any) -> Offer:
    fields = {"product_id": "demo", "user_id": "u1", "expires_at": T0 + at + 120, **fields}
    return Offer(
        offer_id, "t1", "Shall I?", session_id="s1", created_at=T0 + at, evidence_until=T0 + at, **fields
    )


class Database:
    """A file, its ledgers, and a second connection that can lock it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "autoplay.db"
        self.ledger = self.opened()

    def opened(self) -> SqlOfferLedger:
        return SqlOfferLedger(f"sqlite:///{self.path}")

    async def reopened(self) -> SqlOfferLedger:
        await self.ledger.close()
        self.ledger = self.opened()
        return self.ledger

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another process writes without finishing."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            try:
                yield
            finally:
                connection.execute("ROLLBACK")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    # SQLite's own wait for a lock is not under test.
    original = sqlite3.connect
    monkeypatch.setattr("rasa_autoplay.storage.database._tune_sqlite", _impatient)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", lambda *a, **k: original(*a, **{**k, "timeout": 0.05}))
    return Database(tmp_path)


def _impatient(connection: Any, _record: Any) -> None:
    for pragma in ("busy_timeout=50", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


WHOLE = offer(
    golden_path="bulk",
    page="https://app.example.com/projects",
    interaction_timeout_s=3.5,
    cooldown_s=0.0,
    tours=[OfferedTour("bulk", "f", "Bülk ⋯", "driverjs", [TourStep("a", "A", "#a", "Do it.")])],
    status=OfferStatus.SEEN,
    rendered_at=T0 + 1.25,
)


@pytest.mark.parametrize("made", [WHOLE, offer()], ids=["with everything", "with little"])
@asynchronous
async def test_offer_survives_reopening_unchanged(database: Database, made: Offer) -> None:
    await database.ledger.save(made)
    again = await database.reopened()
    assert await again.get("o1") == made
    assert await again.history("demo", "u1") == [made]
    await again.close()


@asynchronous
async def test_offer_is_on_disk_when_save_returns(database: Database) -> None:
    await database.ledger.save(offer())
    assert database.rows("SELECT offer_id, status FROM autoplay_offers") == [("o1", "queued")]
    await database.ledger.close()


@asynchronous
async def test_saving_again_updates_the_stored_offer(database: Database) -> None:
    made = offer()
    await database.ledger.save(made)
    made.advance(OfferStatus.RENDERED, T0 + 2)
    await database.ledger.save(made)
    found = await database.ledger.get("o1")
    assert found is not None
    assert (found.status, found.rendered_at) == (OfferStatus.RENDERED, T0 + 2)
    assert len(database.rows("SELECT * FROM autoplay_offers")) == 1
    await database.ledger.close()


@asynchronous
async def test_history_is_one_users_newest_first_and_bounded(database: Database) -> None:
    await asyncio.gather(*(database.ledger.save(offer(f"o{number}", number)) for number in range(205)))
    await database.ledger.save(offer("other user", user_id="u2"))
    await database.ledger.save(offer("other product", product_id="other"))
    history = await database.ledger.history("demo", "u1")
    assert [each.offer_id for each in history] == [f"o{number}" for number in range(204, 4, -1)]
    assert await database.ledger.history("demo", "nobody") == []
    await database.ledger.close()


@asynchronous
async def test_open_offers_are_neither_answered_nor_expired(database: Database) -> None:
    for status in OfferStatus:
        await database.ledger.save(offer(status.value, status=status))
    await database.ledger.save(offer("over", expires_at=T0 + 10))
    await database.ledger.save(offer("just over", expires_at=T0 + 50))
    found = {each.offer_id for each in await database.ledger.open_offers(T0 + 50)}
    assert found == {status.value for status in OfferStatus if status not in CLOSING}
    await database.ledger.close()


@asynchronous
async def test_returns_open_offers_in_order_of_creation(database: Database) -> None:
    for number in (3, 1, 2):
        await database.ledger.save(offer(f"o{number}", number))
    found = [each.offer_id for each in await database.ledger.open_offers(T0 + 50)]
    assert found == ["o1", "o2", "o3"], "who takes them up again takes the last for the user's newest"
    await database.ledger.close()


@asynchronous
async def test_stores_receipts_in_order_and_bounded(database: Database) -> None:
    await database.ledger.record_receipt("o1", "bubble_1_delivered", T0)
    await database.ledger.record_receipt("o1", "bubble_2_failed", T0 + 1, "x" * 10_000)
    rows = database.rows(
        "SELECT offer_id, event, at, length(detail) FROM autoplay_receipts ORDER BY receipt_id"
    )
    assert rows == [("o1", "bubble_1_delivered", T0, 0), ("o1", "bubble_2_failed", T0 + 1, 500)]
    await database.ledger.close()


@asynchronous
async def test_treats_texts_as_values_never_as_sql(database: Database) -> None:
    nasty = "'; DROP TABLE autoplay_offers; --"
    await database.ledger.save(offer(nasty, user_id=nasty))
    (found,) = await database.ledger.history("demo", nasty)
    assert found.offer_id == nasty
    await database.ledger.close()


async def live_path_goes_on(ledger: SqlOfferLedger) -> None:
    await ledger.save(offer("during"))
    await ledger.record_receipt("during", "rendered", T0)
    assert await ledger.get("before") is None
    assert await ledger.history("demo", "u1") == []
    assert await ledger.open_offers(T0) == []


@asynchronous
async def test_live_path_continues_while_another_process_holds_the_lock(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.ledger.save(offer("before"))
    # In WAL mode a lock blocks writers, not readers.
    with database.locked():
        await database.ledger.save(offer("during"))
        assert "locked" in database.ledger.problem
        await database.ledger.save(offer("during, too"))
        assert len([r for r in caplog.records if "database" in r.getMessage()]) == 1, "told once"
        assert "during" not in caplog.text, "no values in the log"
    await database.ledger.save(offer("after", 1))
    assert database.ledger.problem == ""
    assert [o.offer_id for o in await database.ledger.history("demo", "u1")] == ["after", "before"]
    await database.ledger.close()


@asynchronous
async def test_works_once_an_initial_lock_is_released(database: Database) -> None:
    with database.locked():
        await live_path_goes_on(database.ledger)
        assert database.ledger.problem

    async def works() -> bool:
        await database.ledger.save(offer("after"))
        return not database.ledger.problem

    # What began before the release can fail after it.
    await eventually(works, what="the ledger works again")
    assert await database.ledger.get("after") is not None
    await database.ledger.close()


@asynchronous
async def test_works_once_a_missing_folder_exists(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    ledger = SqlOfferLedger(f"sqlite:///{folder / 'autoplay.db'}")
    await live_path_goes_on(ledger)
    assert "unable to open" in ledger.problem
    folder.mkdir()
    await ledger.save(offer())
    assert ledger.problem == ""
    assert await ledger.get("o1") is not None
    await ledger.close()


@asynchronous
async def test_reports_a_read_only_file(database: Database) -> None:
    await database.ledger.save(offer("before"))
    await database.ledger.close()
    ledger = SqlOfferLedger(f"sqlite:///file:{database.path}?mode=ro&uri=true")
    assert await ledger.get("before") is not None
    await ledger.save(offer("during"))
    assert "readonly" in ledger.problem
    await ledger.close()


@asynchronous
async def test_reports_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "autoplay.db"
    path.write_bytes(os.urandom(8192))
    ledger = SqlOfferLedger(f"sqlite:///{path}")
    await live_path_goes_on(ledger)
    assert ledger.problem
    await ledger.close()


@asynchronous
async def test_unreadable_row_does_not_hide_the_others(database: Database) -> None:
    await database.ledger.save(offer("good"))
    await database.ledger.save(offer("bad"))
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("UPDATE autoplay_offers SET status = 'of the future' WHERE offer_id = 'bad'")
    assert [o.offer_id for o in await database.ledger.open_offers(T0)] == ["good"]
    assert [o.offer_id for o in await database.ledger.history("demo", "u1")] == ["good"]
    assert await database.ledger.get("bad") is None
    await database.ledger.close()


@asynchronous
async def test_serialises_concurrent_writes(database: Database) -> None:
    await asyncio.gather(*(database.ledger.save(offer(f"o{number}")) for number in range(50)))
    assert database.rows("SELECT count(*) FROM autoplay_offers") == [(50,)]
    assert database.ledger.problem == ""
    await database.ledger.close()


@asynchronous
async def test_closing_finishes_work_in_progress(database: Database) -> None:
    writing = asyncio.gather(*(database.ledger.save(offer(f"o{number}")) for number in range(20)))
    await asyncio.sleep(0)
    await database.ledger.close()
    await writing
    assert database.rows("SELECT count(*) FROM autoplay_offers") == [(20,)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "autoplay.db",
        "postgres-with-typo://anna:s3cret-word@db/autoplay",
        "postgresql+nosuchdriver://anna:s3cret-word@db/autoplay",
        "mssql+pymssql://anna:s3cret-word@db/autoplay",
        "postgresql://anna:s3cret-word@db:port/autoplay",
    ],
)
def test_rejects_a_wrong_url_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        SqlOfferLedger(url)
    text = f"{refusal.value} {refusal.value!r}"
    assert "database.url" in text
    assert "sqlite:///autoplay.db" in text, "the remedy"
    assert "s3cret-word" not in text
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


@asynchronous
async def test_several_engines_can_create_the_tables_at_once(tmp_path: Path) -> None:
    for attempt in range(5):
        url = f"sqlite:///{tmp_path / f'{attempt}.db'}"
        ledgers = [SqlOfferLedger(url) for _ in range(4)]
        await asyncio.gather(*(ledger.open_offers(T0) for ledger in ledgers))
        assert [ledger.problem for ledger in ledgers] == [""] * 4
        for ledger in ledgers:
            await ledger.close()
