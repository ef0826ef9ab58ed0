"""Redis session stores to test: of one engine, and of a new engine at every step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

from rasa_autoplay.engine.sessions.local import ignore_ended
from rasa_autoplay.engine.sessions.redis.store import RedisSessionStore
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import PARTITIONS, RedisNames
from support.redis_server import RedisServer

__all__ = ["ALL", "PRODUCT", "FakeClock", "OwnedStore", "RelayedStore", "assign_partitions", "redis_store"]

PRODUCT = "demo"
#: All partitions.
ALL = range(PARTITIONS)


class FakeClock:
    """A clock that shows a given time, epoch seconds."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def assign_partitions(server: RedisServer, engine_id: str, *partitions: int) -> None:
    """Assign these partitions to an engine for the whole test."""
    for partition in partitions:
        server.command("SET", RedisNames(PRODUCT).lease(partition), engine_id, "PX", "600000")


@asynccontextmanager
async def redis_store(
    server: RedisServer,
    settings: SessionSettings,
    clock: Callable[[], float],
    engine_id: str = "engine_1",
    on_session_ended: Callable[[Session], object] = ignore_ended,
) -> AsyncIterator[RedisSessionStore]:
    """Return an engine's store, which owns no partition yet."""
    connection = RedisConnection(Secret(server.url), "store.url in autoplay.yml")
    try:
        yield RedisSessionStore(settings, PRODUCT, engine_id, connection, clock, on_session_ended)
    finally:
        await connection.close()


class OwnedStore:
    """The store of an engine that owns everything, on a clock with the time of the last step.

    Args:
        server: the server that holds the sessions.
        settings: limits and times.
        clock: set to the time of every step.
    """

    def __init__(self, server: RedisServer, settings: SessionSettings, clock: FakeClock) -> None:
        self._server, self._settings, self._clock = server, settings, clock
        self._engines = AsyncExitStack()
        self._number = 0
        self._store: RedisSessionStore

    async def __aenter__(self) -> OwnedStore:
        await self._next_engine()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._engines.aclose()

    async def _next_engine(self) -> None:
        await self._engines.aclose()
        self._number += 1
        engine_id = f"engine_{self._number}"
        opened = redis_store(self._server, self._settings, self._clock, engine_id)
        self._store = await self._engines.enter_async_context(opened)
        assign_partitions(self._server, engine_id, *ALL)
        await self._store.adopt(ALL)

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[Session]:
        return iter(self._store)

    @property
    def evicted(self) -> int:
        return self._store.evicted

    async def load(self, key: SessionKey, now: float, held_by: str = "") -> Session:
        self._clock.now = now
        return await self._store.load(key, now, held_by)

    async def save(self, session: Session, now: float) -> None:
        self._clock.now = max(now, self._clock.now)
        await self._store.save(session, now)

    async def find(self, key: SessionKey) -> Session | None:
        return await self._store.find(key)

    async def latest_of(self, product_id: str, user_id: str) -> Session | None:
        return await self._store.latest_of(product_id, user_id)

    def at_hand(self, key: SessionKey, user_id: str) -> Session | None:
        """As the store it drives."""
        return self._store.at_hand(key, user_id)

    async def engaged_with(self, product_id: str, user_id: str) -> list[Session]:
        return await self._store.engaged_with(product_id, user_id)

    async def forget_user(self, product_id: str, user_id: str) -> int:
        return await self._store.forget_user(product_id, user_id)

    async def expire(self, now: float) -> int:
        self._clock.now = now
        return await self._store.expire(now)

    async def clear(self) -> int:
        return await self._store.clear()


class RelayedStore(OwnedStore):
    """Behaves like one store, but each step runs on a new engine, which knows only what is in Redis."""

    async def save(self, session: Session, now: float) -> None:
        await super().save(session, now)
        assert await self._store.flush()
        await self._next_engine()
