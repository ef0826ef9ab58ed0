"""The log of changes, over SQLite and a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.changes.sql.schema import changes
from rasa_autoplay.engine.changes.sql.store import SqlChangeLog

T0 = 1_700_000_000.0
Opener = Callable[[], SqlChangeLog]


def paused(trigger: str = "", at: float = T0, product: str = "demo") -> Change:
    return Change(new_change_id(), product, at, ChangeKind.PAUSED, trigger, "Ann", "wrong words")


def loaded(at: float = T0) -> Change:
    return Change(
        new_change_id(), "demo", at, ChangeKind.LOADED, engine_id="e1", fingerprint="f1", detail="2 files"
    )


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'autoplay.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    engine = sa.create_engine(server.url, future=True)
    with engine.begin() as connection:
        for table in ("autoplay_changes", "autoplay_changes_version"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    yield server.url


@asynchronous
async def test_lists_all_changes_of_the_product_in_order(url: str) -> None:
    log = SqlChangeLog(url)
    entries = [loaded(T0), paused("rage", T0 + 5), paused("rage", T0 + 3)]
    for entry in (*entries, paused(product="other")):
        assert await log.append(entry)
    await log.close()
    again = SqlChangeLog(url)
    assert await again.since("demo", 0.0) == entries, "as stored, because clocks of machines differ"
    assert await again.since("demo", T0 + 4) == [entries[1]]
    assert await again.since("nobody", 0.0) == []
    await again.close()


@asynchronous
async def test_reads_the_entries_about_pauses_only_when_one_was_added(url: str) -> None:
    log = SqlChangeLog(url)
    first = await log.pauses("demo")
    assert first is not None
    assert first.changes == []
    await log.append(loaded())
    unchanged = await log.pauses("demo", first.version)
    assert unchanged is not None
    assert unchanged.changes is None
    entry = paused("rage")
    await log.append(entry)
    after = await log.pauses("demo", first.version)
    assert after is not None
    assert after.changes == [entry]
    await log.close()


@asynchronous
async def test_notices_an_entry_that_was_numbered_earlier_and_stored_later(url: str) -> None:
    log = SqlChangeLog(url)
    late, early = paused("late"), paused("early")
    await log.append(late)
    await log.append(early)
    await log.delete(sa.text("DELETE FROM autoplay_changes WHERE trigger_id = 'late'"))
    known = await log.pauses("demo")
    assert known is not None
    assert known.changes == [early]
    statement = sa.insert(changes).values(
        number=1, change_id="c", product_id="demo", at=T0, kind="paused", trigger_id="late"
    )
    await log.run(lambda connection: connection.execute(statement) and True, False)
    found = await log.pauses("demo", known.version)
    assert found is not None
    assert [one.trigger_id for one in found.changes or ()] == ["late", "early"]
    await log.close()


@asynchronous
async def test_stores_an_entry_once_and_every_text(url: str) -> None:
    log = SqlChangeLog(url)
    entry = Change("c1", "demo", T0, ChangeKind.REFUSED, detail=f"line 3\0 \ud800 {'x' * 5000}")
    assert await log.append(entry)
    assert await log.append(entry)
    found = await log.since("demo", 0.0)
    assert found is not None
    assert len(found) == 1
    assert found[0].detail.startswith("line 3 ? x")
    assert len(found[0].detail) == 1999
    assert log.problem == ""
    await log.close()


@asynchronous
async def test_ignores_a_kind_of_a_later_version(url: str) -> None:
    log = SqlChangeLog(url)
    await log.append(paused("rage"))
    statement = sa.text("UPDATE autoplay_changes SET kind = 'moved'")
    await log.run(lambda connection: connection.execute(statement) and True, False)
    assert await log.since("demo", 0.0) == []
    await log.close()


@asynchronous
async def test_answers_none_when_the_database_cannot_be_used(tmp_path: Path) -> None:
    log = SqlChangeLog(f"sqlite:///{tmp_path / 'absent' / 'autoplay.db'}")
    assert await log.pauses("demo") is None
    assert await log.since("demo", 0.0) is None
    assert not await log.append(paused())
    assert log.problem == "unable to open the database file"
    await log.close()
