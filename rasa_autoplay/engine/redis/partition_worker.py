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
import time
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any, Protocol

import msgspec

from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.engine.redis.backlog import Backlog
from rasa_autoplay.engine.redis.stream_acks import StreamAcks
from rasa_autoplay.engine.sessions.redis.store import RedisSessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.link.messages import Call, StreamEntry, StreamOpened, UpMessage
from rasa_autoplay.link.pacing import Pace
from rasa_autoplay.link.redis.calls import CallResponder
from rasa_autoplay.link.redis.leases import PartitionLeases
from rasa_autoplay.link.redis.publish_events import STREAM_ENTRY
from rasa_autoplay.link.redis.publish_frames import RedisFramePublisher
from rasa_autoplay.link.replies import RequestAnswerer
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import GROUP, PARTITIONS, RedisNames, partition_of

__all__ = ["EngineLink", "ServedEngine"]

logger = logging.getLogger(__name__)

#: All engines share one name. Leases decide who reads, and individual names would stay in Redis for ever.
_CONSUMER = "engine"
#: Maximum number of entries that a read gets from each stream.
_READ_AT_ONCE = 100
#: A read waits this long for messages; leases and sessions are handled between reads.
_BLOCK_MS = 250
_IDLE_S = 0.2
#: A turn costs the engine and Redis more than an event in it. The limit grows with the number of partitions,
#: so that many engines together make no more turns than one engine does; an engine with few has a minimum.
_TURNS_PER_SECOND = 80.0
_FEWEST_TURNS_PER_SECOND = 20.0
_BURST = 16
#: Messages are applied for this long before new ones are read.
_SLICE_S = 0.05
_SWEEP_S = 5.0
_HEALTH_S = 1.0
_HEALTH_LIFE_MS = 5_000

_encoder = msgspec.json.Encoder()
_stream_entries = msgspec.json.Decoder(StreamEntry)
_Entries = list[tuple[int, bytes, dict[bytes, bytes]]]


class ServedEngine(RequestAnswerer, Protocol):
    """What the link needs of the engine."""

    engine_id: str

    async def apply_messages(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        """Apply new messages of a gateway, in order."""
        ...

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
        #: Messages that wait for their sender's turn.
        self._backlog = Backlog()
        self._swept_at = 0.0
        self._pace = self._fair_pace()
        self._calls = CallResponder(engine, publisher, clock)
        self._tasks: list[asyncio.Task[None]] = []
        self.counts: Counter[str] = Counter()

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
            await self._calls.finish_pending()
            await self._engine.finish_pending()
            await self._acks.commit()
            self._release(list(self._adopted))
            await self._leases.leave()
            await self._client.delete(self._names.health(self._engine.engine_id))
        except REDIS_FAILURES as failure:
            self._connection.report(failure)
        await self._calls.end()

    # --- which partitions are ours -------------------------------------------------------------------------

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

    def _fair_pace(self) -> Pace:
        turns = _TURNS_PER_SECOND * len(self._adopted) / PARTITIONS
        return Pace(max(turns, _FEWEST_TURNS_PER_SECOND), _BURST, time.monotonic)

    def _release(self, partitions: Collection[int]) -> None:
        for partition in partitions:
            self._adopted.pop(partition, None)
        self._backlog.forget(partitions)
        self._acks.forget(partitions)
        self._pace = self._fair_pace()
        for gateway_id in self._publisher.gateways:
            for partition in partitions:
                self._engine.gateway_lost(_seen_by(gateway_id, partition))
        self._engine.release(lambda user_id: partition_of(user_id) in partitions)
        self._store.forget(partitions)

    async def _adopt(self, new: dict[int, int]) -> None:
        """Continue where the last owner of these partitions stopped."""
        await self._make_groups(new)
        sessions = await self._store.adopt(new)
        self._adopted.update(new)
        self._pace = self._fair_pace()
        await self._engine.adopt(lambda user_id: partition_of(user_id) in new, sessions)
        for partition in new:
            await self._claim_pending(partition)
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

    async def _sweep(self) -> None:
        """Claim, every few seconds, entries that a former owner read after its lease had ended."""
        now = asyncio.get_running_loop().time()
        if now < self._swept_at + _SWEEP_S:
            return
        self._swept_at = now
        for partition in list(self._adopted):
            await self._claim_pending(partition, idle_s=_SWEEP_S)

    async def _claim_pending(self, partition: int, idle_s: float = 0.0) -> None:
        """Claim entries that an earlier owner read and did not acknowledge."""
        start: bytes | str = "0-0"
        while True:
            claimed = await self._client.xautoclaim(
                self._names.up(partition), GROUP, _CONSUMER, int(idle_s * 1000), start, count=_READ_AT_ONCE
            )
            start, entries = claimed[0], claimed[1]
            fresh = [(partition, *e) for e in entries if not self._acks.has_begun(partition, e[0])]
            self.counts["claimed"] += len(fresh)
            self._accept(fresh)
            if start in (b"0-0", "0-0"):
                return

    # --- what the gateways report --------------------------------------------------------------------------

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
        if not self._backlog and (wait_s := self._pace.wait_s()):
            await asyncio.sleep(wait_s)
        if not self._backlog.is_full:
            self._accept(await self._read())
        await self._sweep()
        await self._apply_backlog()
        await self._acks.commit()

    async def _read(self) -> _Entries:
        streams = {self._names.up(partition): partition for partition in self._adopted}
        block_ms = None if self._backlog else _BLOCK_MS
        found = await self._client.xreadgroup(
            GROUP, _CONSUMER, dict.fromkeys(streams, ">"), _READ_AT_ONCE, block_ms
        )
        return [
            (streams[name.decode()], entry_id, fields)
            for name, entries in found
            for entry_id, fields in entries
        ]

    def _accept(self, entries: _Entries) -> None:
        """Answer requests at once; reports wait for their sender's turn."""
        for partition, entry_id, fields in entries:
            # If the lease has ended in the meantime, the next owner or our own sweep claims the entry.
            if not self._leases.is_current:
                continue
            self._acks.begin(partition, entry_id)
            done = functools.partial(self._acks.done, partition, entry_id)
            try:
                # A claimed entry has no fields if the stream was trimmed in the meantime.
                entry = _stream_entries.decode((fields or {}).get(STREAM_ENTRY.encode(), b""))
            except msgspec.DecodeError:
                logger.warning("A stream entry cannot be read. Do gateway and engine have the same version?")
                self.counts["unreadable"] += 1
                done()
                continue
            self._publisher.gateways.add(entry.gateway_id)
            calls = [message for message in entry.messages if isinstance(message, Call)]
            reports = [message for message in entry.messages if not isinstance(message, Call)]
            # A gateway never sends both in one entry.
            if reports:
                self._backlog.add(partition, entry.gateway_id, reports, done)
            self._calls.begin(entry.gateway_id, calls, (lambda: None) if reports else done)

    async def _apply_backlog(self) -> None:
        """Apply waiting messages for a slice of time."""
        end, turn = time.monotonic() + _SLICE_S, TimeSlice()
        while self._leases.is_current and time.monotonic() < end:
            report = self._backlog.pop()
            if report is None:
                return
            await self._engine.apply_messages(_seen_by(report.gateway_id, report.partition), [report.message])
            self._backlog.mark_applied(report)
            await turn.yield_if_due()

    def _gateway_lost(self, gateway_id: str) -> None:
        for partition in self._adopted:
            self._engine.gateway_lost(_seen_by(gateway_id, partition))

    # --- health --------------------------------------------------------------------------------------------

    async def _report_health(self) -> None:
        while True:
            health = {
                **self._engine.health(),
                "redis": self._connection.health(),
                "partitions": len(self._adopted),
                **self._store.counts,
                **self.counts,
                **self._publisher.counts,
            }
            key = self._names.health(self._engine.engine_id)
            try:
                await self._client.set(key, _encoder.encode(health), px=_HEALTH_LIFE_MS)
            except REDIS_FAILURES as failure:
                self._connection.report(failure)
            await asyncio.sleep(_HEALTH_S)


def _seen_by(gateway_id: str, partition: int) -> str:
    """Return the name of a gateway within one partition, so that each partition tracks its own feeds."""
    return f"{gateway_id}/{partition}"
