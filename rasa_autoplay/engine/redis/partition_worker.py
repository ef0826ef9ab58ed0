"""The link over Redis, as an engine sees it: which partitions are its own, and what is reported there.

What was read is worked off in turns of its senders, for a slice of time. Then the sessions that it
changed and the word that it was taken are written in one step, if the partitions are still ours. An
engine that dies in between leaves entries that the next one takes: windows pass over what they know, and
the ledger knows which evidence was used.
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

#: The same for all: leases decide who reads, and names of their own would stay in Redis for ever.
_CONSUMER = "engine"
#: Of each stream at a time.
_READ_AT_ONCE = 100
#: So long a read waits for something to come; leases and sessions are looked after in between.
_BLOCK_MS = 250
_IDLE_S = 0.2
#: A turn costs the engine and Redis more than an event in it. Each partition brings its share of turns, so
#: that many engines take no more of them together than one does; an engine with few has a minimum.
_TURNS_PER_SECOND = 80.0
_FEWEST_TURNS_PER_SECOND = 20.0
_BURST = 16
#: What was read is worked off for so long, before what has come meanwhile is read, too.
_SLICE_S = 0.05
_RETRY_S = 0.3
_SWEEP_S = 5.0
_HEALTH_S = 1.0
_HEALTH_LIFE_MS = 5_000

_encoder = msgspec.json.Encoder()
_parcels = msgspec.json.Decoder(StreamEntry)
_Entries = list[tuple[int, bytes, dict[bytes, bytes]]]


class ServedEngine(RequestAnswerer, Protocol):
    """What the link needs of the engine."""

    engine_id: str

    async def apply_messages(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        """Apply new messages of a gateway, in order."""
        ...

    def gateway_lost(self, gateway_id: str) -> None:
        """Nothing can be sent to that gateway."""
        ...

    async def adopt(self, is_ours: Callable[[str], bool], sessions: Iterable[Session] = ()) -> None:
        """Take up these users, whose sessions these are."""
        ...

    async def finish_pending(self) -> None:
        """Wait for the decisions that have begun."""
        ...

    def release(self, is_theirs: Callable[[str], bool]) -> None:
        """Forget the offers of these users: another engine serves them from now on."""
        ...

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        ...


class EngineLink:
    """Reads, answers and commits for as long as it runs.

    Args:
        connection: to Redis.
        names: of keys and channels.
        engine: works off what comes.
        store: the engine's sessions.
        leases: tell which partitions are ours.
        publisher: sends frames to the gateways.
        adopted: the partitions that this engine serves, each with the number of the lease that brought it.
            Empty at first; the publisher reads it, too.
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
        self._worked_off = StreamAcks(connection, names, engine.engine_id, store, leases)
        #: What was read and waits for its sender's turn.
        self._backlog = Backlog()
        self._swept_at = 0.0
        self._pace = self._fair_pace()
        self._calls = CallResponder(engine, publisher, clock)
        self._tasks: list[asyncio.Task[None]] = []
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to serve."""
        loop = asyncio.get_running_loop()
        parts: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "leases": self._leases.run,
            "reader": self._read_on,
            "down": functools.partial(self._publisher.run, self._gateway_lost),
            "gateways": functools.partial(self._publisher.check_gateways, self._gateway_lost),
            "health": self._tell_health,
        }
        self._tasks = [
            loop.create_task(part(), name=f"autoplay link, {name}") for name, part in parts.items()
        ]

    async def stop(self) -> None:
        """Finish what was begun, write it, and give the partitions back."""
        await end_tasks(self._tasks)
        try:
            await self._calls.settle()
            await self._engine.finish_pending()
            await self._worked_off.commit()
            self._let_go(list(self._adopted))
            await self._leases.leave()
            await self._client.delete(self._names.health(self._engine.engine_id))
        except REDIS_FAILURES as failure:
            self._connection.report(failure)
        await self._calls.end()

    # --- which partitions are ours -------------------------------------------------------------------------

    async def _keep_up_with_leases(self) -> bool:
        """Whether it is certain which partitions are ours; while it is not, we keep them and do nothing."""
        if not self._leases.is_current:
            return False
        held = self._leases.held
        # Who has lost a partition and got it again has missed what another engine did meanwhile.
        lost = [p for p, take in self._adopted.items() if held.get(p) != take]
        if lost:
            logger.warning("The partitions %s were lost, perhaps to another engine.", lost)
            await self._engine.finish_pending()
            self._let_go(lost)
        surplus = [p for p in self._leases.surplus if p in self._adopted]
        if surplus:
            await self._engine.finish_pending()
            await self._worked_off.commit()
            self._let_go(surplus)
            await self._leases.release(surplus)
        new = {p: take for p, take in held.items() if p not in self._adopted and p not in surplus}
        if new:
            try:
                await self._adopt(new)
            except BaseException:
                self._let_go(list(new))
                raise
        return True

    def _fair_pace(self) -> Pace:
        turns = _TURNS_PER_SECOND * len(self._adopted) / PARTITIONS
        return Pace(max(turns, _FEWEST_TURNS_PER_SECOND), _BURST, time.monotonic)

    def _let_go(self, partitions: Collection[int]) -> None:
        for partition in partitions:
            self._adopted.pop(partition, None)
        self._backlog.forget(partitions)
        self._worked_off.forget(partitions)
        self._pace = self._fair_pace()
        for gateway_id in self._publisher.gateways:
            for partition in partitions:
                self._engine.gateway_lost(_seen_by(gateway_id, partition))
        self._engine.release(lambda user_id: partition_of(user_id) in partitions)
        self._store.forget(partitions)

    async def _adopt(self, new: dict[int, int]) -> None:
        """Go on where the last owner of these partitions ended."""
        await self._make_groups(new)
        sessions = await self._store.adopt(new)
        self._adopted.update(new)
        self._pace = self._fair_pace()
        await self._engine.adopt(lambda user_id: partition_of(user_id) in new, sessions)
        for partition in new:
            await self._take_up_pending(partition)
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
        """Now and then take what a former owner has read, who did not know that it was none any more."""
        now = asyncio.get_running_loop().time()
        if now < self._swept_at + _SWEEP_S:
            return
        self._swept_at = now
        for partition in list(self._adopted):
            await self._take_up_pending(partition, idle_s=_SWEEP_S)

    async def _take_up_pending(self, partition: int, idle_s: float = 0.0) -> None:
        """What an earlier owner has read, and not taken off; the lease lets nobody else have it."""
        start: bytes | str = "0-0"
        while True:
            claimed = await self._client.xautoclaim(
                self._names.up(partition), GROUP, _CONSUMER, int(idle_s * 1000), start, count=_READ_AT_ONCE
            )
            start, entries = claimed[0], claimed[1]
            fresh = [(partition, *e) for e in entries if not self._worked_off.has_begun(partition, e[0])]
            self.counts["claimed"] += len(fresh)
            self._take_up(fresh)
            if start in (b"0-0", "0-0"):
                return

    # --- what the gateways report
    # -----------------------------------------------------------------------------

    async def _read_on(self) -> None:
        while True:
            try:
                await self._turn()
            except REDIS_FAILURES as failure:
                if "NOGROUP" in str(failure):
                    await self._begin_anew()
                else:
                    self._connection.report(failure)
                await asyncio.sleep(_RETRY_S)
            except Exception:
                logger.exception("The link's reader failed; it goes on.")
                await asyncio.sleep(_RETRY_S)

    async def _begin_anew(self) -> None:
        """Redis has lost its data: write what we know again; the gateways repeat the recent window."""
        try:
            await self._make_groups(self._adopted)
            self._store.write_anew()
        except REDIS_FAILURES as failure:
            self._connection.report(failure)

    async def _turn(self) -> None:
        if not await self._keep_up_with_leases() or not self._adopted:
            await asyncio.sleep(_IDLE_S)
            return
        if not self._backlog and (wait_s := self._pace.wait_s()):
            await asyncio.sleep(wait_s)
        if not self._backlog.is_full:
            self._take_up(await self._read())
        await self._sweep()
        await self._work_off()
        await self._worked_off.commit()

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

    def _take_up(self, entries: _Entries) -> None:
        """Questions are answered at once; reports wait for their senders' turns."""
        for partition, entry_id, fields in entries:
            # Where a lease has run out in the meantime, the next owner takes the entry, or our own sweep.
            if not self._leases.is_current:
                continue
            self._worked_off.begin(partition, entry_id)
            done = functools.partial(self._worked_off.done, partition, entry_id)
            try:
                # A claimed entry that was trimmed away has no fields any more.
                parcel = _parcels.decode((fields or {}).get(STREAM_ENTRY.encode(), b""))
            except msgspec.DecodeError:
                logger.warning("A parcel cannot be read: are gateway and engine of one version?")
                self.counts["unreadable"] += 1
                done()
                continue
            self._publisher.gateways.add(parcel.gateway_id)
            calls = [message for message in parcel.messages if isinstance(message, Call)]
            reports = [message for message in parcel.messages if not isinstance(message, Call)]
            # A gateway never puts both into one parcel.
            if reports:
                self._backlog.add(partition, parcel.gateway_id, reports, done)
            self._calls.begin(parcel.gateway_id, calls, (lambda: None) if reports else done)

    async def _work_off(self) -> None:
        """Work off what waits, for a slice of time."""
        end, turn = time.monotonic() + _SLICE_S, TimeSlice()
        while self._leases.is_current and time.monotonic() < end:
            report = self._backlog.pop()
            if report is None:
                return
            await self._engine.apply_messages(_seen_by(report.gateway_id, report.partition), [report.message])
            self._backlog.settle(report)
            await turn.yield_if_due()

    def _gateway_lost(self, gateway_id: str) -> None:
        for partition in self._adopted:
            self._engine.gateway_lost(_seen_by(gateway_id, partition))

    # --- health --------------------------------------------------------------------------------------------

    async def _tell_health(self) -> None:
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
    """Name a gateway within one partition: what it holds for other partitions does not matter here."""
    return f"{gateway_id}/{partition}"
