"""What several engines share in Redis, and which engine may write it."""

from __future__ import annotations

import asyncio

import pytest
from support.redis_server import RedisServer
from support.run import asynchronous
from support.session_stores import ALL, FakeClock, assign_partitions, redis_store
from support.shared_session import ANN, BOB, KEY, SETTINGS, T0, USERS, active, titles

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.storage.redis_keys import partition_of


@asynchronous
async def test_new_owner_of_a_partition_finds_its_sessions(redis_server: RedisServer) -> None:
    over: list[Session] = []
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0), "engine_1", over.append) as first:
        await first.adopt(ALL)
        await active(first, ANN, 1, 2)
        assert await first.flush()
        first.forget([partition_of(ANN)])
        assert len(first) == 0
    assign_partitions(redis_server, "engine_2", partition_of(ANN))
    async with redis_store(redis_server, SETTINGS, FakeClock(T0), "engine_2", over.append) as second:
        adopted = await second.adopt([partition_of(ANN)])
        assert [titles(session) for session in adopted] == [["Click 1", "Click 2"]]
        assert await second.latest_of("demo", ANN) is adopted[0]
        assert await second.find(KEY) is adopted[0]
        assert await second.clear() == 1
        assert len(second) == 0
    assert over == [], "a session that lives on elsewhere is not over"


@asynchronous
async def test_engine_without_its_lease_writes_nothing(redis_server: RedisServer) -> None:
    home = partition_of(ANN)
    clock = FakeClock(T0)
    async with (
        redis_store(redis_server, SETTINGS, clock, "engine_1") as first,
        redis_store(redis_server, SETTINGS, clock, "engine_2") as second,
    ):
        assign_partitions(redis_server, "engine_1", home)
        await first.adopt([home])
        await active(first, ANN, 1)
        assert await first.flush()
        assign_partitions(redis_server, "engine_2", home)
        await second.adopt([home])
        await active(second, ANN, 2)
        assert await second.flush()
        # It was paused, and has not noticed yet.
        await active(first, ANN, 3)
        assert await first.flush()
    async with redis_store(redis_server, SETTINGS, clock, "engine_3") as third:
        assert [titles(session) for session in await third.adopt([home])] == [["Click 1", "Click 2"]]


@asynchronous
async def test_sessions_of_other_engines_are_read_only(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    clock = FakeClock(T0)
    async with (
        redis_store(redis_server, SETTINGS, clock, "engine_1") as owner,
        redis_store(redis_server, SETTINGS, clock, "engine_2") as other,
    ):
        await owner.adopt(ALL)
        session = await active(owner, ANN, 1)
        session.state.transition_to_reactive(now=T0)
        await owner.save(session, T0 + 1)
        assert await owner.flush()

        copy = await other.latest_of("demo", ANN)
        assert copy is not None
        assert titles(copy) == ["Click 1"]
        assert [s.key for s in await other.engaged_with("demo", ANN)] == [KEY]
        assert await other.latest_of("another product", ANN) is None
        assert await other.latest_of("demo", BOB) is None
        assert await other.engaged_with("demo", BOB) == []
        copy.add([SlimAction("Click 9", "", "/projects", timestamp_start=T0 + 9)], ())
        await other.save(copy, T0 + 9)
        assert not other.has_changes
        again = await other.latest_of("demo", ANN)
        assert titles(again) == ["Click 1"], "what is not ours is read anew each time"


@asynchronous
async def test_session_moves_to_the_engine_of_its_user(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", partition_of(KEY[1]))
    assign_partitions(redis_server, "engine_2", partition_of(ANN))
    clock = FakeClock(T0)
    async with (
        redis_store(redis_server, SETTINGS, clock, "engine_1") as first,
        redis_store(redis_server, SETTINGS, clock, "engine_2") as second,
    ):
        await first.adopt([partition_of(KEY[1])])
        await second.adopt([partition_of(ANN)])
        await active(first, None, 1, 2)
        assert await first.flush()
        found = await second.find(KEY)
        assert titles(found) == ["Click 1", "Click 2"]
        assert len(second) == 0, "nobody says yet that it becomes ours"
        await active(second, ANN, 3)
        assert await second.flush()
        # Late events at the former engine revert nothing.
        await active(first, None, 0)
        assert await first.flush()
    async with redis_store(redis_server, SETTINGS, clock, "engine_3") as third:
        assert [titles(s) for s in await third.adopt([partition_of(ANN)])] == [
            ["Click 1", "Click 2", "Click 3"]
        ]


@asynchronous
async def test_session_of_another_user_does_not_move(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", partition_of(ANN))
    clock = FakeClock(T0)
    async with (
        redis_store(redis_server, SETTINGS, clock, "engine_1") as first,
        redis_store(redis_server, SETTINGS, clock, "engine_2") as second,
    ):
        await first.adopt([partition_of(ANN)])
        await active(first, ANN, 1)
        assert await first.flush()
        await second.adopt([partition_of(BOB)])
        assert await second.find(KEY) is None
        assert titles(await active(second, BOB, 2)) == ["Click 2"]


@asynchronous
async def test_alternating_users_of_a_session_leave_no_state(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        for number, user in enumerate([*USERS.values()] * 3):
            await active(store, user, number)
            assert await store.flush()
        last = [*USERS.values()][-1]
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as successor:
        assert [session.user_id for session in await successor.adopt(ALL)] == [last]
    keys = redis_server.command("KEYS", "*:session:*")
    assert keys.startswith(b"*1\r\n"), keys


@asynchronous
async def test_concurrent_requests_get_the_same_session(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        await active(store, ANN, 1)
        assert await store.flush()
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        # Its engine owns it, but has evicted it.
        store.owned.update(ALL)
        found = await asyncio.gather(*[store.find(KEY), store.load(KEY, T0)] * 5)
        assert titles(found[0]) == ["Click 1"]
        assert len({id(session) for session in found}) == 1
        assert store.counts["snapshots_read"] == 1
        made = await asyncio.gather(*(store.load(("demo", "new"), T0) for _ in range(5)))
        assert len({id(session) for session in made}) == 1


@asynchronous
async def test_evicted_session_is_loaded_again(redis_server: RedisServer) -> None:
    over: list[Session] = []
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(
        redis_server, SessionSettings(max_sessions=2), FakeClock(T0), on_session_ended=over.append
    ) as store:
        await store.adopt(ALL)
        await active(store, ANN, 1)
        for number in (2, 3):
            await store.load(("demo", f"other {number}"), T0 + number)
        assert [session.key for session in over] == [KEY]
        assert titles(await store.find(KEY)) == ["Click 1"], "it is not even written yet"
        for number in (4, 5):
            await store.load(("demo", f"other {number}"), T0 + number)
        assert await store.flush()
        assert len(store) == 2
        assert titles(await store.find(KEY)) == ["Click 1"]


@asynchronous
async def test_writes_again_what_changed_during_a_write(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        await active(store, ANN, 1)
        commit = store.begin_commit()
        assert not store.has_changes
        with pytest.raises(RuntimeError, match="another commit"):
            store.begin_commit()
        await active(store, ANN, 2)
        commit.succeeded()
        assert store.has_changes
        store.begin_commit().failed()
        assert store.has_changes
        assert await store.flush()
        assert not store.has_changes
        assert store.counts["snapshots_written"] == 2
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as successor:
        assert [titles(s) for s in await successor.adopt(ALL)] == [["Click 1", "Click 2"]]


@asynchronous
async def test_drops_a_failed_commit_of_a_session_that_moved_away(redis_server: RedisServer) -> None:
    assign_partitions(redis_server, "engine_1", *ALL)
    async with redis_store(redis_server, SETTINGS, FakeClock(T0)) as store:
        await store.adopt(ALL)
        await active(store, ANN, 1)
        commit = store.begin_commit()
        store.forget(ALL)
        commit.failed()
        assert not store.has_changes
