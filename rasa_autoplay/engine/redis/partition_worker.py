"""The engine's side of the link over Redis: serves partitions, and applies the messages in their streams.

Senders take turns, and messages are applied for a slice of time. Then the changed sessions and the
acknowledgements are written in one transaction, if the partitions are still ours. If an engine dies in
between, the next owner applies its entries again. This is harmless, because windows ignore known actions and
the ledger knows which evidence was consumed.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any, Protocol

import msgspec

from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.redis.stream_acks import StreamAcks
from rasa_autoplay.engine.redis.stream_entries import MessageApplier, StreamEntries, seen_by
from rasa_autoplay.engine.sessions.redis.store import RedisSessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.link.frames import StreamOpened
from rasa_autoplay.link.redis.calls import CallResponder
from rasa_autoplay.link.redis.leases import PartitionLeases
from rasa_autoplay.link.redis.publish_frames import RedisFramePublisher
from rasa_autoplay.link.replies import RequestAnswerer
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import GROUP, RedisNames, partition_of

__all__ = ["EngineLink", "ServedEngine"]

logger = logging.getLogger(__name__)

_IDLE_S = 0.2
_HEALTH_S = 1.0
_HEALTH_LIFE_MS = 5_000

_encoder = msgspec.json.Encoder()


class ServedEngine(RequestAnswerer, MessageApplier, Protocol):
    """What the link needs of the engine."""

    engine_id: str

    def gateway_lost(self, gateway_id: str) -> None:
        """Forget a gateway to which nothing can be sent."""
        ...

    async def adopt(self, is_ours: Callable[[str], bool], sessions: Iterable[Session] = ()) -> None:
        """Continue the open offers and sessions of these users."""
        ...

    async def finish_pending(self) -> None:
        """Wait for pending decisions and deliveries."""
        ...

    def release(self, is_theirs: Callable[[str], bool]) -> None:
        """Forget the offers of these users, because another engine serves them now."""
        ...

    def health(self) -> dict[str, Any]:
        """Return state and counts, without secrets."""
        ...


class EngineLink:
    """Reads messages, answers requests and commits sessions until it is stopped.

    Args:
        connection: to Redis.
        names: names of keys and channels.
        engine: applies the messages.
        store: the engine's sessions.
        leases: know which partitions are ours.
        publisher: sends frames to the gateways.
        adopted: the partitions that this engine serves, each with the number of its lease; empty at first.
            The publisher reads it, too.
        clock: epoch seconds.
    """

    def __init__(
        self,
        connection: RedisConnection,
        names: RedisNames,
        engine: ServedEngine,
        store: RedisSessionStore,
        leases: PartitionLeases,
        publisher: RedisFramePublisher,
        adopted: dict[int, int],
        clock: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._client = connection.client
        self._names = names
        self._engine = engine
        self._store = store
        self._leases = leases
        self._publisher = publisher
        self._adopted = adopted
        self._acks = StreamAcks(connection, names, engine.engine_id, store, leases)
        calls = CallResponder(engine, publisher, clock)
        self._entries = StreamEntries(
            connection, names, engine, leases, publisher, self._acks, adopted, calls
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the background tasks."""
        loop = asyncio.get_running_loop()
        parts: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "leases": self._leases.run,
            "reader": self._run_reader,
            "down": functools.partial(self._publisher.run, self._gateway_lost),
            "gateways": functools.partial(self._publisher.check_gateways, self._gateway_lost),
            "health": self._report_health,
        }
        self._tasks = [
            loop.create_task(part(), name=f"autoplay link, {name}") for name, part in parts.items()
        ]

    async def stop(self) -> None:
        """Finish pending work, write the sessions, and release the partitions."""
        await end_tasks(self._tasks)
        try:
            await self._entries.calls.finish_pending()
            await self._engine.finish_pending()
            await self._acks.commit()
            self._release(list(self._adopted))
            await self._leases.leave()
            await self._client.delete(self._names.health(self._engine.engine_id))
        except REDIS_FAILURES as failure:
            self._connection.report(failure)
        await self._entries.calls.end()

    async def _keep_up_with_leases(self) -> bool:
        """Adopt and release partitions as the leases say; False while the leases are uncertain."""
        if not self._leases.is_current:
            return False
        held = self._leases.held
        # If a partition was lost and regained, another engine may have changed it in the meantime.
        lost = [p for p, lease in self._adopted.items() if held.get(p) != lease]
        if lost:
            logger.warning("This engine lost the leases of the partitions %s.", lost)
            await self._engine.finish_pending()
            self._release(lost)
        surplus = [p for p in self._leases.surplus if p in self._adopted]
        if surplus:
            await self._engine.finish_pending()
            await self._acks.commit()
            self._release(surplus)
            await self._leases.release(surplus)
        new = {p: lease for p, lease in held.items() if p not in self._adopted and p not in surplus}
        if new:
            try:
                await self._adopt(new)
            except BaseException:
                self._release(list(new))
                raise
        return True

    def _release(self, partitions: Collection[int]) -> None:
        for partition in partitions:
            self._adopted.pop(partition, None)
        self._entries.forget(partitions)
        self._acks.forget(partitions)
        for gateway_id in self._publisher.gateways:
            for partition in partitions:
                self._engine.gateway_lost(seen_by(gateway_id, partition))
        self._engine.release(lambda user_id: partition_of(user_id) in partitions)
        self._store.forget(partitions)

    async def _adopt(self, new: dict[int, int]) -> None:
        """Continue where the last owner of these partitions stopped."""
        await self._make_groups(new)
        sessions = await self._store.adopt(new)
        self._adopted.update(new)
        self._entries.set_pace()
        await self._engine.adopt(lambda user_id: partition_of(user_id) in new, sessions)
        for partition in new:
            await self._entries.claim_pending(partition)
        hello = _encoder.encode(StreamOpened(self._engine.engine_id, sorted(new)))
        await self._client.publish(self._names.gateways, hello)
        logger.info("This engine serves the partitions %s.", sorted(self._adopted))

    async def _make_groups(self, partitions: Iterable[int]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for partition in partitions:
            pipeline.xgroup_create(self._names.up(partition), GROUP, id="0", mkstream=True)
        for answer in await pipeline.execute(raise_on_error=False):
            if isinstance(answer, Exception) and "BUSYGROUP" not in str(answer):
                raise answer

    async def _run_reader(self) -> None:
        retry = Retry()
        while True:
            try:
                await self._turn()
                retry.succeeded()
            except REDIS_FAILURES as failure:
                if "NOGROUP" in str(failure):
                    await self._rebuild_redis()
                else:
                    self._connection.report(failure)
                await retry.wait()
            except Exception:
                logger.exception("The link's reader failed and will continue.")
                await retry.wait()

    async def _rebuild_redis(self) -> None:
        """Write everything again, because Redis has lost its data; the gateways repeat the recent window."""
        try:
            await self._make_groups(self._adopted)
            self._store.rewrite_all()
        except REDIS_FAILURES as failure:
            self._connection.report(failure)

    async def _turn(self) -> None:
        if not await self._keep_up_with_leases() or not self._adopted:
            await asyncio.sleep(_IDLE_S)
            return
        await self._entries.serve()
        await self._acks.commit()

    def _gateway_lost(self, gateway_id: str) -> None:
        for partition in self._adopted:
            self._engine.gateway_lost(seen_by(gateway_id, partition))

    async def _report_health(self) -> None:
        while True:
            health = {
                **self._engine.health(),
                "redis": self._connection.health(),
                "partitions": len(self._adopted),
                **self._store.counts,
                **self._entries.counts,
                **self._publisher.counts,
            }
            key = self._names.health(self._engine.engine_id)
            try:
                await self._client.set(key, _encoder.encode(health), px=_HEALTH_LIFE_MS)
            except REDIS_FAILURES as failure:
                self._connection.report(failure)
            await asyncio.sleep(_HEALTH_S)
