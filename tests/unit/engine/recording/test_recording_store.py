"""The store of recorded sessions, over SQLite and a real PostgreSQL server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.engine_parts import T0, batch, save
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.recording.row import RecordedSession, RecordingRow
from rasa_autoplay.engine.recording.row_encoder import Seen, encode_rows
from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore
from rasa_autoplay.engine.replay.recorded_rows import batch_of

TABLES = ("autoplay_recordings", "autoplay_recording_version")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'autoplay.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    engine = sa.create_engine(server.url, future=True)
    with engine.begin() as connection:
        for table in TABLES:
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    yield server.url


def acted(at: float, user: str = "u1", session: str = "s1", actions: int = 1) -> RecordingRow:
    payload = batch(*(save(at + place) for place in range(actions)), user=user or None, session=session)
    ((_, row),) = encode_rows([Seen(user, session, T0 + at, (payload, "capture"))])
    return row


def happened(at: float, user: str = "u1", session: str = "s1") -> RecordingRow:
    ((_, row),) = encode_rows([Seen(user, session, T0 + at, {"event": "chat_message"})])
    return row


_numbers = itertools.count(1)


async def stored(store: SqlRecordingStore, *rows: RecordingRow) -> None:
    numbered = [(next(_numbers), row) for row in rows]
    assert await store.append("run", lambda: numbered)


async def times(store: SqlRecordingStore, *sessions: str) -> list[float]:
    rows = await store.rows_of(sessions or ("s1", "s2", "s3"))
    assert rows is not None
    return [row.at - T0 for row in rows]


@asynchronous
async def test_returns_rows_in_the_order_in_which_they_happened(url: str) -> None:
    store = SqlRecordingStore(url, "demo")
    await stored(store, acted(5), happened(5), acted(1))
    await stored(store, acted(3, session="s2"), happened(5))
    rows = await store.rows_of(["s1"])
    assert rows == [acted(1), acted(5), happened(5), happened(5)]
    assert await store.rows_of(["s1"], until=T0 + 4) == [acted(1)]
    await store.close()


@asynchronous
async def test_migrates_a_table_without_the_numbers_of_runs(url: str) -> None:
    store = SqlRecordingStore(url, "demo")
    await stored(store, acted(1))
    await store.close()
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX autoplay_recordings_of_run"))
        for column in ("run_id", "run_number"):
            connection.execute(sa.text(f"ALTER TABLE autoplay_recordings DROP COLUMN {column}"))
        connection.execute(sa.text("UPDATE autoplay_recording_version SET version = 1"))
    engine.dispose()
    again = SqlRecordingStore(url, "demo")
    await stored(again, acted(2))
    assert await times(again) == [1, 2]
    await again.close()


@asynchronous
async def test_stores_a_row_once_however_often_it_is_written(url: str) -> None:
    store = SqlRecordingStore(url, "demo")
    rows = [(number, acted(number)) for number in range(1, 4)]
    for until in (1, 3, 3):
        assert await store.append("run 1", lambda until=until: rows[:until])  # type: ignore[misc]
    assert await store.append("run 2", lambda: rows[:1])
    assert await times(store) == [1, 1, 2, 3]
    await store.close()


@asynchronous
async def test_lists_the_sessions_of_a_user_with_their_anonymous_beginnings(url: str) -> None:
    store, other = SqlRecordingStore(url, "demo"), SqlRecordingStore(url, "other")
    await stored(
        store, acted(1, user="", actions=2), acted(2), happened(4), acted(9, "u2"), acted(3, "u2", "s2")
    )
    await stored(other, acted(1))
    assert await store.sessions_of("u1") == [RecordedSession("s1", T0 + 1, T0 + 4, 3, 0)]
    assert [each.session_id for each in await store.sessions_of("u2") or ()] == ["s1", "s2"]
    assert await store.sessions_of("") != await store.sessions_of("nobody") == []
    await store.close()
    await other.close()


@asynchronous
async def test_exports_and_deletes_only_what_belongs_to_the_user(url: str) -> None:
    store = SqlRecordingStore(url, "demo")
    await stored(store, acted(1, ""), acted(2), happened(3), acted(4, "u2", "s2"), acted(5, "", "s3"))
    exported = await store.export("u1")
    assert exported is not None
    assert [(row["at"] - T0, row["kind"]) for row in exported] == [
        (1, "actions"),
        (2, "actions"),
        (3, "session"),
    ]
    assert exported[1]["data"]["actions"][0]["title"] == "Click Save changes"
    assert await store.forget("u1") == 3
    assert await times(store) == [4, 5]
    assert await store.export("u1") == []
    await store.close()


@asynchronous
async def test_deletes_what_is_too_old(url: str) -> None:
    store = SqlRecordingStore(url, "demo")
    await stored(store, *(acted(at) for at in range(5)))
    assert await store.forget_before(T0 + 3) == 3
    assert await times(store) == [3, 4]
    await store.close()


@asynchronous
async def test_drops_the_oldest_entries_beyond_the_bound(url: str) -> None:
    store = SqlRecordingStore(url, "demo")
    await stored(store, *(acted(at, actions=10) for at in range(100)))
    assert await store.count_entries() == 1000
    assert await store.drop_oldest(1000) == 0
    assert await store.drop_oldest(200) == 810, (
        "5 % fewer than the bound stay, so that it is not reached at once"
    )
    assert (await times(store))[0] == 81
    assert await store.count_entries() == 190
    await store.close()


@asynchronous
async def test_pages_through_recorded_batches(url: str) -> None:
    store = SqlRecordingStore(url, "demo")
    await stored(store, acted(1), happened(1), acted(1), acted(1), acted(2), acted(3))
    pages, after = [], (0.0, 0)
    while page := await store.actions_since(T0 + 1, after, 2):
        pages.append([at - T0 for at, _, _ in page])
        after = page[-1][:2]
    assert pages == [[1, 1], [1, 2], [3]]
    assert len(await store.actions_since(T0 + 2) or ()) == 2
    await store.close()


@asynchronous
async def test_reads_nothing_without_the_table(url: str) -> None:
    store = SqlRecordingStore(url, "demo", prepare=lambda _connection: None)
    assert await store.has_table() is False
    assert not store.problem
    await store.close()


def test_row_is_the_connectors_batch_without_what_is_repeated() -> None:
    payload = batch(save(1), save(2))
    for action in payload.actions:
        action.user_id, action.session_id, action.email = "u1", "s1", "a@example.com"
    payload.email, payload.timezone = "a@example.com", "Europe/Berlin"
    ((_, row),) = encode_rows([Seen("u1", "s1", T0, (payload, "capture"))])
    assert row.data.count("a@example.com") == row.data.count('"u1"') == 1
    again, source = batch_of(row.data)
    assert source == "capture"
    assert (again.user_id, again.session_id, again.email) == ("u1", "s1", "a@example.com")
    assert again.timezone == "Europe/Berlin"
    assert [(a.title, a.timestamp_start, a.canonical_url) for a in again.actions] == [
        (a.title, a.timestamp_start, a.canonical_url) for a in payload.actions
    ]


def test_leaves_out_what_no_database_can_store() -> None:
    rows = encode_rows(
        [
            Seen("u1", "s1", T0, {"event": "tour_step", "step": "\ud800"}),
            Seen("u\0", "s1", T0, {"event": "chat_message"}),
            Seen("u1", "s1", T0, {"event": "chat_message"}),
        ]
    )
    assert [row.user_id for _, row in rows] == ["u1"]
