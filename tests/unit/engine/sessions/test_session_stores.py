"""The contract of a session store, run over every implementation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.redis_server import RedisServer
from support.run import asynchronous
from support.session_stores import FakeClock, OwnedStore, RelayedStore

from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.settings.engine import SessionSettings

T0 = 1_700_000_000.0
#: In Redis: with one engine that owns everything, and with a new engine after every change.
IN_REDIS = {"redis": OwnedStore, "redis, relayed": RelayedStore}
STORES = ["local", *IN_REDIS]
StoreTest = Callable[[SessionStore], Coroutine[Any, Any, None]]


@asynccontextmanager
async def opened(
    kind: str, request: pytest.FixtureRequest, settings: SessionSettings
) -> AsyncIterator[SessionStore]:
    if kind == "local":
        yield LocalSessionStore(settings)
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    async with IN_REDIS[kind](server, settings, FakeClock(T0)) as store:
        yield store


def over_every_store(**settings: object) -> Callable[[StoreTest], Callable[..., None]]:
    """Run an async test once for each store."""

    def decorate(test: StoreTest) -> Callable[..., None]:
        async def with_store(kind: str, request: pytest.FixtureRequest) -> None:
            async with opened(kind, request, SessionSettings.parse_obj(settings)) as store:
                await test(store)

        @pytest.mark.parametrize("kind", STORES)
        def run(kind: str, request: pytest.FixtureRequest) -> None:
            asyncio.run(with_store(kind, request))

        return run

    return decorate


async def active(
    store: SessionStore, session_id: str, at: float, user: str | None = None, product: str = "demo"
) -> Session:
    """Let a session be active."""
    session = await store.load((product, session_id), T0 + at)
    session.identify(user, None)
    await store.save(session, T0 + at)
    return session


async def living(store: SessionStore, *session_ids: str, product: str = "demo") -> list[str]:
    return [s for s in session_ids if await store.find((product, s)) is not None]


@over_every_store()
async def test_creates_a_session_once_and_then_finds_it(store: SessionStore) -> None:
    assert await store.find(("demo", "s1")) is None
    first = await active(store, "s1", 0, "u1")
    again = await store.load(("demo", "s1"), T0 + 1)
    assert (again.key, again.user_id) == (("demo", "s1"), "u1")
    assert await store.find(("demo", "s1")) is not None
    assert first.active_at == T0
    assert len(store) == 1


@over_every_store()
async def test_products_can_share_a_session_id(store: SessionStore) -> None:
    await active(store, "s1", 0, "u1", product="a")
    await active(store, "s1", 0, "u2", product="b")
    assert len(store) == 2
    found = [await store.find((product, "s1")) for product in "ab"]
    assert [session and session.user_id for session in found] == ["u1", "u2"]
    assert await store.latest_of("b", "u1") is None
    latest = await store.latest_of("a", "u1")
    assert latest is not None
    assert latest.key == ("a", "s1")


@over_every_store(max_sessions=3)
async def test_evicts_the_longest_idle_session_over_the_limit(store: SessionStore) -> None:
    for at, name in enumerate("abc"):
        await active(store, name, at)
    await active(store, "a", 3)
    await active(store, "d", 4)
    assert len(store) == 3
    assert await living(store, *"acd") == ["a", "c", "d"]
    assert len(store) == 3


@asynchronous
async def test_in_memory_store_ends_the_longest_idle_session() -> None:
    over: list[Session] = []
    store = LocalSessionStore(SessionSettings(max_sessions=1), over.append)
    first = await active(store, "a", 0)
    await active(store, "b", 1)
    assert over == [first]
    assert await living(store, *"ab") == ["b"]
    assert await store.clear() == 1
    assert [session.key[1] for session in over] == ["a", "b"]


@over_every_store(idle_timeout="10s")
async def test_removes_sessions_that_are_idle_for_too_long(store: SessionStore) -> None:
    await active(store, "a", 0)
    await active(store, "b", 5)
    await active(store, "a", 6)
    assert await store.expire(T0 + 14.75) == 0
    assert await store.expire(T0 + 15) == 1
    assert await living(store, "a", "b") == ["a"]
    assert await store.expire(T0 + 16) == 1
    assert len(store) == 0


@over_every_store()
async def test_latest_session_is_the_last_active_one(store: SessionStore) -> None:
    assert await store.latest_of("demo", "u1") is None
    await active(store, "a", 0, "u1")
    await active(store, "b", 1, "u1")
    await active(store, "c", 2, "u2")
    assert await latest(store, "u1") == "b"
    await active(store, "a", 3)
    assert await latest(store, "u1") == "a"


async def latest(store: SessionStore, user: str) -> str | None:
    session = await store.latest_of("demo", user)
    return session.key[1] if session else None


@over_every_store()
async def test_saving_an_earlier_session_does_not_make_it_the_latest(store: SessionStore) -> None:
    early = await active(store, "a", 0, "u1")
    await active(store, "b", 5, "u1")
    await store.save(early, early.active_at)
    assert await latest(store, "u1") == "b"


@over_every_store()
async def test_finds_a_session_by_a_user_identified_late(store: SessionStore) -> None:
    await active(store, "a", 0)
    await active(store, "a", 1, "u1")
    assert await latest(store, "u1") == "a"


@over_every_store()
async def test_reassigned_session_no_longer_belongs_to_the_former_user(store: SessionStore) -> None:
    await active(store, "a", 0, "u1")
    await active(store, "a", 1, "u2")
    assert await latest(store, "u1") is None
    assert await latest(store, "u2") == "a"


@over_every_store(idle_timeout="10s", max_sessions=2)
async def test_removed_session_is_no_users_latest(store: SessionStore) -> None:
    await active(store, "a", 0, "u1")
    await store.expire(T0 + 10)
    assert await latest(store, "u1") is None
    for at, name in enumerate("bcd"):
        await active(store, name, 20 + at, f"user of {name}")
    assert await latest(store, "user of b") is None
    assert await latest(store, "user of d") == "d"


@asynchronous
async def test_alternating_users_of_a_session_leave_no_state() -> None:
    store = LocalSessionStore(SessionSettings(max_sessions=2))
    for number in range(100):
        await active(store, "kiosk", number, f"u{number}")
    await store.expire(T0 + 1e6)
    assert len(store) == 0
    assert not any(store._latest.values()), "it grows with every user that a session has ever had"


@asynchronous
async def test_counts_evictions() -> None:
    store = LocalSessionStore(SessionSettings(max_sessions=1))
    await active(store, "a", 0)
    await active(store, "b", 1)
    assert store.evicted == 1


@over_every_store()
async def test_forgets_a_user_and_nobody_else(store: SessionStore) -> None:
    for session_id, user, product in (("a1", "ann", "demo"), ("a2", "ann", "demo"), ("b1", "ben", "demo")):
        await active(store, session_id, 0, user, product)
    assert await store.forget_user("demo", "ann") == 2
    assert await living(store, "a1", "a2", "b1") == ["b1"]
    assert await store.latest_of("demo", "ann") is None
    again = await active(store, "a1", 5, "ann")
    assert (again.action_count, again.began_at) == (0, 0.0)
    assert await living(store, "a1", "a2") == ["a1"]
