"""Redis unreachable, full, flushed, read-only or with invalid data: live sessions continue, nothing grows."""

from __future__ import annotations

import pytest
from support.redis_server import RedisServer, running_redis
from support.run import asynchronous
from support.session_stores import ALL, FakeClock, assign_partitions, redis_store
from support.shared_session import ANN, BOB, KEY, SETTINGS, T0, USERS, active, titles

from rasa_autoplay.engine.sessions.redis.commit import name_of
from rasa_autoplay.engine.sessions.snapshot import encode_session
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.storage.redis import REDIS_FAILURES
from rasa_autoplay.storage.redis_keys import RedisNames, partition_of

NAMES = RedisNames("demo")
HOME = partition_of(ANN)
SNAPSHOT = NAMES.session(HOME, name_of(KEY))


async def as_found_by_another(server: RedisServer) -> list[list[str] | None]:
    """Return what a new owner of all partitions finds."""
    async with redis_store(server, SETTINGS, FakeClock(T0), "another engine") as successor:
        return [titles(session) for session in await successor.adopt(ALL)]


@asynchronous
async def test_keeps_working_without_redis_and_writes_changes_later(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        await active(store, ANN, 1)
        redis_server.kill()
        await active(store, ANN, 2)
        assert not await store.flush()
        assert store.has_changes
        assert titles(await store.latest_of("demo", ANN)) == ["Click 1", "Click 2"]
        assert await store.find(("demo", "unknown")) is None
        assert (await store.load(("demo", "new"), T0)).window.actions == ()
        store.forget([partition_of(BOB)])
        assert await store.latest_of("demo", BOB) is None
        assert await store.engaged_with("demo", BOB) == []
        with pytest.raises(REDIS_FAILURES):
            await store.adopt([partition_of(BOB)])
        assert partition_of(BOB) not in store.owned

        redis_server.start()
        assign_partitions(redis_server, "engine_1", *ALL)
        await store.adopt([partition_of(BOB)])
        assert await store.flush()
        assert not store.has_changes
    assert "Redis cannot be reached. Check store.url in autoplay.yml" in caplog.text
    assert redis_server.password not in caplog.text
    assert await as_found_by_another(redis_server) == [["Click 1", "Click 2"]]


@asynchronous
async def test_writes_again_what_redis_has_lost(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        await active(store, ANN, 1)
        assert await store.flush()
        redis_server.flush()
        assign_partitions(redis_server, "engine_1", *ALL)
        assert not store.has_changes
        store.rewrite_all()
        assert await store.flush()
    assert await as_found_by_another(redis_server) == [["Click 1"]]


@asynchronous
async def test_pending_writes_are_bounded(redis_server: RedisServer) -> None:
    settings = SessionSettings(max_sessions=3)
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, settings, FakeClock(T0)) as store:
        await store.adopt(ALL)
        redis_server.kill()
        for number in range(6):
            session = await store.load(("demo", f"s{number}"), T0 + number)
            for user in (ANN, BOB):
                session.identify(user, None)
                await store.save(session, T0 + number)
        assert not await store.flush()
        assert len(store) == 3
        assert store.counts["snapshots_dropped"] == 3
        redis_server.start()
        assign_partitions(redis_server, "engine_1", *ALL)
        assert await store.flush()
        assert store.counts["snapshots_written"] == 6, "three sessions, and three that Ann has left"
    async with redis_store(redis_server, settings, FakeClock(T0)) as successor:
        assert [session.key[1] for session in await successor.adopt(ALL)] == ["s3", "s4", "s5"]


@asynchronous
async def test_writes_the_rest_once_a_full_redis_has_space() -> None:
    with running_redis("maxmemory-policy noeviction") as server:
        assign_partitions(server, "engine_1", *ALL)
        async with redis_store(server, SETTINGS, FakeClock(T0)) as store:
            await store.adopt(ALL)
            await active(store, ANN, 1)
            assert await store.flush()
            server.command("CONFIG", "SET", "maxmemory", "100kb")
            await active(store, ANN, 2)
            assert not await store.flush()
            assert await as_found_by_another(server) == [["Click 1"]]
            server.command("CONFIG", "SET", "maxmemory", "0")
            assert await store.flush()
        assert await as_found_by_another(server) == [["Click 1", "Click 2"]]


@asynchronous
async def test_reads_from_a_replica_and_does_not_write(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        await active(store, ANN, 1)
        assert await store.flush()
        redis_server.command("REPLICAOF", "127.0.0.1", "1")
        try:
            await active(store, ANN, 2)
            assert not await store.flush()
            assert titles(await store.find(KEY)) == ["Click 1", "Click 2"]
        finally:
            redis_server.command("REPLICAOF", "NO", "ONE")
        assert await store.flush()
    assert "This Redis is a read-only replica" in caplog.text
    assert await as_found_by_another(redis_server) == [["Click 1", "Click 2"]]


async def stored_session(server: RedisServer) -> bytes:
    """Store Ann's session in Redis; return its snapshot."""
    assign_partitions(server, "engine_1", *ALL)
    async with redis_store(server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        session = await active(store, ANN, 1)
        assert await store.flush()
        return encode_session(session)


@pytest.mark.parametrize("nonsense", ["version", "garbage", "emptiness"])
def test_ignores_an_unreadable_snapshot(redis_server: RedisServer, nonsense: str) -> None:
    @asynchronous
    async def run() -> None:
        snapshot = await stored_session(redis_server)
        async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
            found = {"version": b"\xfe" + snapshot[1:], "garbage": b"\x01<html>", "emptiness": b""}[nonsense]
            await store._connection.client.set(SNAPSHOT, found, px=60_000)
            assert await store.adopt(ALL) == []
            assert store.counts["snapshots_unreadable"] == 1
            assert await store.find(KEY) is None
            assert titles(await active(store, ANN, 2)) == ["Click 2"]
            assert await store.flush()
        assert await as_found_by_another(redis_server) == [["Click 2"]]

    run()


@asynchronous
async def test_replaces_keys_of_another_type(redis_server: RedisServer) -> None:
    await stored_session(redis_server)
    for key in (SNAPSHOT, NAMES.sessions(HOME), NAMES.user_sessions(ANN)):
        redis_server.command("DEL", key)
        redis_server.command("HSET", key, "field", "value")
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        assert await store.adopt(ALL) == []
        assert await store.find(KEY) is None
        store.owned.discard(HOME)
        assert await store.latest_of("demo", ANN) is None
        store.owned.add(HOME)
        await active(store, ANN, 2)
        assert await store.flush()
    assert await as_found_by_another(redis_server) == [["Click 2"]]


@asynchronous
async def test_stale_index_entry_restores_no_session(redis_server: RedisServer) -> None:
    await stored_session(redis_server)
    redis_server.command("DEL", SNAPSHOT)
    redis_server.command("ZADD", NAMES.sessions(HOME), str(T0), "\x00 no name")
    assert await as_found_by_another(redis_server) == []


@asynchronous
async def test_unwritable_session_does_not_block_others(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        odd = await store.load(("demo", "odd"), T0)
        odd.state.metadata["handle"] = object()
        await store.save(odd, T0)
        await active(store, ANN, 1)
        assert await store.flush()
        assert store.counts["snapshots_failed"] == 1
    assert await as_found_by_another(redis_server) == [["Click 1"]]


@asynchronous
async def test_removes_idle_sessions_from_redis_too(
    redis_server: RedisServer,
) -> None:
    await stored_session(redis_server)
    clock = FakeClock(T0 + 1 + SETTINGS.idle_timeout)
    async with redis_store(redis_server, SETTINGS, clock, "engine_2") as store:
        assert await store.latest_of("demo", ANN) is None
        assert await store.adopt(ALL) == []
        assert await store.find(KEY) is None


@asynchronous
async def test_every_key_expires_and_every_index_is_trimmed(redis_server: RedisServer) -> None:
    settings = SessionSettings.parse_obj({"idle_timeout": "10m"})
    clock = FakeClock(T0)
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, settings, clock) as store:
        client = store._connection.client
        await store.adopt(ALL)
        for number in range(300):
            clock.now = T0 + number
            session = await store.load(("demo", f"s{number}"), clock.now)
            session.identify([ANN, *USERS.values()][number % 17], None)
            await store.save(session, clock.now)
        for number in range(200):  # one user opens sessions endlessly
            session = await store.load(("demo", f"many {number}"), clock.now)
            session.identify(BOB, None)
            await store.save(session, clock.now)
        assert await store.flush()
        keys = [key async for key in client.scan_iter(match="autoplay:*", count=1000)]
        assert len([key for key in keys if b":session:" in key]) == 500
        margin_ms = 60_000
        for key in keys:
            assert 0 < await client.pttl(key) <= 600_000 + margin_ms, key
            assert key.startswith(NAMES.prefix.encode()), key
        assert await client.zcard(NAMES.user_sessions(BOB)) <= 101

        clock.now += 601
        await active(store, ANN, 0)
        session = await store.load(KEY, clock.now)
        await store.save(session, clock.now)
        assert await store.flush()
        assert await client.zrange(NAMES.sessions(HOME), 0, -1) == [name_of(KEY).encode()]
        assert await client.zrange(NAMES.user_sessions(ANN), 0, -1) == [name_of(KEY).encode()]


@asynchronous
async def test_key_names_cannot_collide(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    keys = [("a:b", "c"), ("a", "b:c"), ("a%3Ab", "c"), ("demo", "../x\r\n*1"), ("demo", "ü" * 200)]
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        for key in keys:
            session = await store.load(key, T0)
            session.identify(f"user of {key}", None)
            await store.save(session, T0)
        assert await store.flush()
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as successor:
        found = {session.key: session.user_id for session in await successor.adopt(ALL)}
    assert found == {key: f"user of {key}" for key in keys}
