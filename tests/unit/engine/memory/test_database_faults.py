"""User memory when its database fails: nothing raises, nothing is damaged, and the reason is reported."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.postgres import PostgresServer
from support.run import asynchronous
from support.visits import CHECKED, U1, comes, leaves, parts, stored

from rasa_autoplay.engine.memory.analysis import SessionAnalysis
from rasa_autoplay.engine.memory.base import SessionRecord
from rasa_autoplay.engine.memory.sql.schema import MIGRATIONS
from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore

T0 = 1_700_000_000.0


def record(session: str, evidence: str = "{}") -> SessionRecord:
    return SessionRecord(SessionAnalysis("demo", "u1", session, T0, T0, 1), evidence)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # SQLite's own wait for a lock is not under test.
    original = sqlite3.connect
    monkeypatch.setattr("rasa_autoplay.storage.database._tune_sqlite", _impatient)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", lambda *a, **k: original(*a, **{**k, "timeout": 0.05}))
    return tmp_path / "autoplay.db"


def _impatient(connection: Any, _record: Any) -> None:
    for pragma in ("busy_timeout=50", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def opened(file: Path) -> SqlMemoryStore:
    return SqlMemoryStore(f"sqlite:///{file}")


def write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def content(file: Path) -> bytes:
    return file.read_bytes()


async def ids(store: SqlMemoryStore) -> set[str]:
    return {one.analysis.session_id for one in await stored(store)}


def execute(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@asynchronous
async def test_recovers_from_a_locked_database(file: Path) -> None:
    store = opened(file)
    assert await store.save([record("before")])
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not await store.save([record("during")])
        assert store.problem == "the database is locked by another process"
        assert await store.forget(U1) is None
        other.execute("ROLLBACK")
    assert await store.save([record("after")])
    assert store.problem == ""
    assert await ids(store) == {"before", "after"}
    await store.close()


SKIPPED_STEP = "  - {builtin: skipped_step}\n"


def full(store: SqlMemoryStore, file: Path) -> Callable[[], None]:
    with store._engine.connect() as connection:
        (pages,) = connection.exec_driver_sql("PRAGMA page_count").one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def mend() -> None:
        with store._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=100000")

    return mend


def locked(_store: SqlMemoryStore, file: Path) -> Callable[[], None]:
    other = sqlite3.connect(file, isolation_level=None, timeout=5)
    other.execute("BEGIN EXCLUSIVE")
    return other.close


def away(store: SqlMemoryStore, file: Path) -> Callable[[], None]:
    store._engine.dispose()
    elsewhere = file.with_suffix(".moved")
    for part in ("", "-wal", "-shm"):
        if (place := Path(f"{file}{part}")).exists():
            place.rename(f"{elsewhere}{part}")
    file.mkdir()

    def mend() -> None:
        file.rmdir()
        for part in ("", "-wal", "-shm"):
            if (place := Path(f"{elsewhere}{part}")).exists():
                place.rename(f"{file}{part}")

    return mend


@pytest.mark.parametrize(
    ("breaks", "problem"),
    [
        (locked, "the database is locked by another process"),
        (full, "the disk is full"),
        (away, "unable to open the database file"),
    ],
)
@asynchronous
async def test_delivers_toasts_during_an_outage_and_writes_all_afterwards(
    file: Path, breaks: Callable[..., Callable[[], None]], problem: str
) -> None:
    store = opened(file)
    (file.parent / "offers").mkdir()
    async with parts(file.parent / "offers", store, SKIPPED_STEP, CHECKED) as made:
        assert made.keeper is not None
        await comes(made, 0, "menu", session="s1")
        mend = breaks(store, file)
        # Too much for the free space of existing pages.
        for number in range(40):
            await comes(made, 10 + number, "menu", session=f"others-{number}", user=f"u{number + 2}")
        await comes(made, 100, "download", session="s1")
        assert len(await made.offers()) == 1, "the live path goes on"
        await leaves(made)
        assert store.problem == problem
        mend()
        assert await made.keeper.finish_pending()
        (only,) = await stored(store)
        assert only.analysis.findings[0].done == ["menu", "download"]
        assert len(await stored(store, ("demo", "u41"))) == 1
        assert store.problem == ""
    await store.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@asynchronous
async def test_delivers_toasts_with_a_database_of_a_later_version(file: Path) -> None:
    first = opened(file)
    await first.save([record("s0")])
    await first.close()
    execute(file, "UPDATE autoplay_memory_version SET version = version + 1")
    before = content(file)
    store = opened(file)
    (file.parent / "offers").mkdir()
    async with parts(file.parent / "offers", store, SKIPPED_STEP, CHECKED) as made:
        await comes(made, 0, "menu", "download", session="s1")
        assert len(await made.offers()) == 1
        await leaves(made)
        assert store.problem == "user memory was written by a later version of rasa-autoplay"
    await store.close()
    assert content(file) == before


@asynchronous
async def test_restart_during_an_outage_loses_nothing_of_a_session(file: Path) -> None:
    store = opened(file)
    (file.parent / "offers").mkdir()
    async with parts(file.parent / "offers", store) as made:
        await comes(made, 0, "menu", "format", session="s1")
        # The engine dies here, and restarts while the database is unreachable.
    mend = away(store, file)
    (file.parent / "again").mkdir()
    async with parts(file.parent / "again", store) as made:
        assert made.keeper is not None
        await comes(made, 20, "download", session="s1")
        await leaves(made)
        mend()
        assert await made.keeper.finish_pending()
    (only,) = await stored(store)
    assert only.analysis.findings[0].completed == 1
    assert (only.analysis.started_at, only.analysis.findings[0].missed) == (T0, [])
    await store.close()


@asynchronous
async def test_starts_without_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    store = opened(folder / "autoplay.db")
    assert await store.recall([U1]) is None
    assert store.problem == "unable to open the database file"
    folder.mkdir()
    assert await store.recall([U1]) == {U1: []}
    assert store.problem == ""
    await store.close()


@asynchronous
async def test_survives_a_full_disk(file: Path) -> None:
    store = opened(file)
    assert await store.save([record("before")])
    engine = store._engine
    with engine.connect() as connection:
        # The pool has one connection, which holds the limit: SQLite reports the same as for a full disk.
        (pages,) = connection.exec_driver_sql("PRAGMA page_count").one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    assert not await store.save([record("during", "x" * 100_000)])
    assert store.problem == "the disk is full"
    assert await ids(store) == {"before"}
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=100000")
    assert await store.save([record("after", "x" * 100_000)])
    assert await ids(store) == {"before", "after"}
    await store.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@asynchronous
async def test_leaves_a_file_that_is_not_a_database_unchanged(file: Path) -> None:
    noise = os.urandom(8192)
    write(file, noise)
    store = opened(file)
    assert not await store.save([record("s1")])
    assert store.problem == "the file is not a database"
    await store.close()
    assert content(file) == noise


FIRST = """CREATE TABLE autoplay_session_analyses (
    product_id TEXT NOT NULL, user_id TEXT NOT NULL, session_id TEXT NOT NULL, started_at FLOAT NOT NULL,
    ended_at FLOAT NOT NULL, action_count INTEGER NOT NULL, findings TEXT NOT NULL, words TEXT NOT NULL,
    PRIMARY KEY (product_id, user_id, session_id))"""


@asynchronous
async def test_migrates_an_older_database_and_keeps_its_data(file: Path) -> None:
    execute(
        file,
        FIRST,
        "CREATE TABLE autoplay_memory_version (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)",
        "INSERT INTO autoplay_memory_version VALUES (1, 1)",
        "INSERT INTO autoplay_session_analyses VALUES ('demo', 'u1', 'old', 1.7e9, 1.7e9, 1, '[]', '')",
    )
    store = opened(file)
    assert await store.save([record("new")])
    assert await stored(store) in ([record("old"), record("new")], [record("new"), record("old")])
    await store.close()
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT id, version FROM autoplay_memory_version").fetchall()
    assert rows == [(1, len(MIGRATIONS))]


@asynchronous
async def test_repeats_an_interrupted_migration(file: Path) -> None:
    store = opened(file)
    await store.save([record("s1")])
    await store.close()
    execute(file, "DELETE FROM autoplay_memory_version")
    again = opened(file)
    assert await ids(again) == {"s1"}
    assert again.problem == ""
    await again.close()


@asynchronous
async def test_leaves_a_database_of_a_later_version_unchanged(file: Path) -> None:
    store = opened(file)
    await store.save([record("s1")])
    await store.close()
    execute(file, "UPDATE autoplay_memory_version SET version = version + 1")
    again = opened(file)
    assert not await again.save([record("s2")])
    assert await again.recall([U1]) is None
    assert again.problem == "user memory was written by a later version of rasa-autoplay"
    await again.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT session_id FROM autoplay_session_analyses").fetchall() == [("s1",)]


@asynchronous
async def test_unreadable_session_does_not_hide_the_others(file: Path) -> None:
    store = opened(file)
    await store.save([record("good"), record("bad")])
    execute(file, "UPDATE autoplay_session_analyses SET findings = 'of the future' WHERE session_id = 'bad'")
    assert await ids(store) == {"good"}
    await store.close()


@asynchronous
async def test_survives_a_postgres_restart(
    postgres: PostgresServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqlMemoryStore(postgres.url)
    await store.forget(U1)
    async with parts(tmp_path, store, "  - {builtin: skipped_step}\n", CHECKED) as made:
        assert made.keeper is not None
        await comes(made, 0, "menu", session="s1")
        postgres.stop()
        try:
            await comes(made, 10, "download", session="s1")
            assert len(await made.offers()) == 1, "the live path goes on"
            await leaves(made)
            assert store.problem == "the database cannot be reached"
            told = [line.getMessage() for line in caplog.records if "user memory" in line.getMessage()]
            assert len(told) == 1
            assert "127.0.0.1" not in caplog.text
            assert "tester" not in caplog.text
        finally:
            postgres.start()
        assert await made.keeper.finish_pending()
        (only,) = await stored(store)
        assert only.analysis.findings[0].done == ["menu", "download"]
        assert store.problem == ""
    await store.forget(U1)
    await store.close()


@asynchronous
async def test_migrates_an_older_postgres_database(postgres: PostgresServer) -> None:
    engine = sa.create_engine(postgres.url, future=True)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS autoplay_session_analyses, autoplay_memory_version"))
        connection.execute(sa.text(FIRST))
        old = "INSERT INTO autoplay_session_analyses VALUES ('demo', 'u1', 'old', 1.7e9, 1.7e9, 1, '[]', '')"
        connection.execute(sa.text(old))
    stores = [SqlMemoryStore(postgres.url) for _ in range(2)]
    for store in stores:
        assert await ids(store) == {"old"}, "and a second engine finds nothing left to do"
    assert await stores[0].forget(U1) == 1
    for store in stores:
        await store.close()
    engine.dispose()
