"""The store's contract, over every backend: in memory, SQLite, and a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.base import MemoryStore, SessionRecord
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore

T0 = 1_700_000_000.0
DAY = 86_400.0
U1, U2 = ("demo", "u1"), ("demo", "u2")

WHOLE = PathFinding(
    "export",
    attempts=2,
    completed=1,
    completion_pct=100.0,
    done=["menu", "fürmat ⋯"],
    missed=["x"],
    skipped=["x"],
    repeated={"menu": 2},
    failed={"x": 1},
    evidence={"menu": ["Click “Menu\0”"]},
    rage=1,
)


def record(session: str, at: float = 0.0, *findings: PathFinding, user: str = "u1") -> SessionRecord:
    analysis = SessionAnalysis("demo", user, session, T0 + at, T0 + at + 60.5, 7, list(findings), "Words.")
    return SessionRecord(analysis, '{"export":[]}')


def of_product(product: str) -> SessionRecord:
    return SessionRecord(SessionAnalysis(product, "u1", "s1", T0, T0, 1))


@pytest.fixture(params=["local", "sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], MemoryStore]]:
    if request.param == "local":
        store = LocalMemoryStore()
        yield lambda: store
        return
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url
        empty(url)
    yield lambda: SqlMemoryStore(url)


def empty(url: str) -> None:
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        for table in ("autoplay_session_analyses", "autoplay_memory_version"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()


def ids(found: Any, user: tuple[str, str]) -> list[str]:
    return [one.analysis.session_id for one in found[user]]


@asynchronous
async def test_saved_sessions_survive_reopening(opened: Callable[[], MemoryStore]) -> None:
    store = opened()
    assert await store.save([record("s1", 0, WHOLE), record("s2", DAY)])
    await store.close()
    again = opened()
    assert await again.recall([U1]) == {U1: [record("s2", DAY), record("s1", 0, WHOLE)]}
    assert again.problem == ""
    await again.close()


@asynchronous
async def test_returns_each_users_sessions_newest_first(opened: Callable[[], MemoryStore]) -> None:
    store = opened()
    await store.save(
        [record("old", 0), record("new", DAY), record("hers", 0, user="u2"), of_product("other")]
    )
    found = await store.recall([U1, U2, ("demo", "nobody")])
    assert ids(found, U1) == ["new", "old"]
    assert ids(found, U2) == ["hers"]
    assert ids(found, ("demo", "nobody")) == []
    await store.close()


@asynchronous
async def test_overwrites_a_session_in_place(opened: Callable[[], MemoryStore]) -> None:
    store = opened()
    await store.save([record("s1"), record("s2", DAY)])
    await store.save([record("s1", 5, WHOLE), record("s1", 9, WHOLE), record("s3", 2 * DAY)])
    found = await store.recall([U1])
    assert found is not None
    assert found[U1] == [record("s3", 2 * DAY), record("s2", DAY), record("s1", 9, WHOLE)]
    await store.close()


@asynchronous
async def test_forgetting_a_user_keeps_the_others(opened: Callable[[], MemoryStore]) -> None:
    store = opened()
    await store.save([record("s1"), record("s2"), record("s1", user="u2")])
    assert await store.forget(U1) == 2
    assert await store.forget(U1) == 0
    found = await store.recall([U1, U2])
    assert (ids(found, U1), ids(found, U2)) == ([], ["s1"])
    await store.close()


@asynchronous
async def test_forgets_old_sessions(opened: Callable[[], MemoryStore]) -> None:
    store = opened()
    await store.save([record("old", 0), record("new", DAY)])
    assert await store.forget_before(T0 + 60.5) == 0, "what ended at that very moment is not older"
    assert await store.forget_before(T0 + 61) == 1
    assert ids(await store.recall([U1]), U1) == ["new"]
    await store.close()


@asynchronous
async def test_accepts_an_empty_write(opened: Callable[[], MemoryStore]) -> None:
    store = opened()
    assert await store.save([])
    assert await store.recall([]) == {}
    await store.close()


@pytest.mark.parametrize("bad", ["\0", "\ud800"])
@asynchronous
async def test_unstorable_id_does_not_block_others(opened: Callable[[], MemoryStore], bad: str) -> None:
    store = opened()
    assert await store.save([record(f"s{bad}"), record("s1")])
    assert "s1" in ids(await store.recall([U1]), U1)
    await store.close()


@asynchronous
async def test_looks_up_many_users_of_several_products(opened: Callable[[], MemoryStore]) -> None:
    store = opened()
    known = [record(f"s{number}", user=f"u{number}") for number in range(0, 1200, 100)]
    await store.save([*known, of_product("other")])
    users = [("demo", f"u{number}") for number in range(1200)] + [("other", "u1"), ("other", "u2")]
    found = await store.recall(users)
    assert found is not None
    assert list(found) == users
    with_sessions = {user for user in users if found[user]}
    assert with_sessions == {("demo", f"u{number}") for number in range(0, 1200, 100)} | {("other", "u1")}
    assert ids(found, ("demo", "u500")) == ["s500"]
    await store.close()


@asynchronous
async def test_new_users_need_one_statement_together(tmp_path: Path) -> None:
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'autoplay.db'}")
    await store.save([record("s1")])
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        statements.append(statement)

    sa.event.listen(store._engine, "before_cursor_execute", count)
    await store.recall([("demo", f"new {number}") for number in range(500)])
    assert len(statements) == 1
    await store.close()
