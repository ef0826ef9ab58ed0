"""Reads the stream entries of the partitions that this engine serves, and applies what they report."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

import msgspec

from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.engine.redis.backlog import Backlog
from rasa_autoplay.engine.redis.stream_acks import StreamAcks
from rasa_autoplay.link.messages import UpMessage
from rasa_autoplay.link.pacing import Pace
from rasa_autoplay.link.redis.calls import CallResponder
from rasa_autoplay.link.redis.leases import PartitionLeases
from rasa_autoplay.link.redis.peer_messages import Call, StreamEntry
from rasa_autoplay.link.redis.publish_events import STREAM_ENTRY
from rasa_autoplay.link.redis.publish_frames import RedisFramePublisher
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import GROUP, PARTITIONS, RedisNames

__all__ = ["MessageApplier", "StreamEntries", "seen_by"]

logger = logging.getLogger(__name__)

#: All engines share one name. Leases decide who reads, and individual names would stay in Redis for ever.
_CONSUMER = "engine"
#: Maximum number of entries that a read gets from each stream.
_READ_AT_ONCE = 100
#: A read waits this long for messages; leases and sessions are handled between reads.
_BLOCK_MS = 250
#: A turn costs the engine and Redis more than an event in it. The limit grows with the number of partitions,
#: so that many engines together make no more turns than one engine does; an engine with few has a minimum.
_TURNS_PER_SECOND = 80.0
_FEWEST_TURNS_PER_SECOND = 20.0
_BURST = 16
#: Messages are applied for this long before new ones are read.
_SLICE_S = 0.05
_SWEEP_S = 5.0

_stream_entries = msgspec.json.Decoder(StreamEntry)
_Entries = list[tuple[int, bytes, dict[bytes, bytes]]]


class MessageApplier(Protocol):
    """The engine, as far as it applies messages."""

    async def apply_messages(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        """Apply new messages of a gateway, in order."""
        ...


class StreamEntries:
    """Answers the requests in entries at once, and applies their other messages in fair turns of the senders.

    Args:
        connection: to Redis.
        names: names of keys.
        engine: applies the messages.
        leases: know which partitions are ours.
        publisher: is told the gateways that entries come from.
        acks: records which entries are applied.
        served: the partitions that this engine serves; its owner changes it.
        calls: answers requests.
    """

    def __init__(
        self,
        connection: RedisConnection,
        names: RedisNames,
        engine: MessageApplier,
        leases: PartitionLeases,
        publisher: RedisFramePublisher,
        acks: StreamAcks,
        served: Mapping[int, int],
        calls: CallResponder,
    ) -> None:
        self._client = connection.client
        self._names = names
        self._engine = engine
        self._leases = leases
        self._publisher = publisher
        self._acks = acks
        self._served = served
        self.calls = calls
        self._backlog = Backlog()
        self._swept_at = 0.0
        self.counts: Counter[str] = Counter()
        self.set_pace()

    def set_pace(self) -> None:
        """Adapt the number of turns per second to the number of served partitions."""
        turns = _TURNS_PER_SECOND * len(self._served) / PARTITIONS
        self._pace = Pace(max(turns, _FEWEST_TURNS_PER_SECOND), _BURST, time.monotonic)

    def forget(self, partitions: Collection[int]) -> None:
        """Forget the entries of partitions that are no longer ours."""
        self._backlog.forget(partitions)
        self.set_pace()

    async def serve(self) -> None:
        """Read new entries, and apply waiting messages for a slice of time."""
        if not self._backlog and (wait_s := self._pace.wait_s()):
            await asyncio.sleep(wait_s)
        if not self._backlog.is_full:
            self._accept(await self._read())
        await self._sweep()
        await self._apply_backlog()

    async def _sweep(self) -> None:
        """Claim, every few seconds, entries that a former owner read after its lease had ended."""
        now = asyncio.get_running_loop().time()
        if now < self._swept_at + _SWEEP_S:
            return
        self._swept_at = now
        for partition in list(self._served):
            await self.claim_pending(partition, idle_s=_SWEEP_S)

    async def claim_pending(self, partition: int, idle_s: float = 0.0) -> None:
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

    async def _read(self) -> _Entries:
        streams = {self._names.up(partition): partition for partition in self._served}
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
            self.calls.begin(entry.gateway_id, calls, (lambda: None) if reports else done)

    async def _apply_backlog(self) -> None:
        """Apply waiting messages for a slice of time."""
        end, turn = time.monotonic() + _SLICE_S, TimeSlice()
        while self._leases.is_current and time.monotonic() < end:
            report = self._backlog.pop()
            if report is None:
                return
            await self._engine.apply_messages(seen_by(report.gateway_id, report.partition), [report.message])
            self._backlog.mark_applied(report)
            await turn.yield_if_due()


def seen_by(gateway_id: str, partition: int) -> str:
    """Return the name of a gateway within one partition, so that each partition tracks its own feeds."""
    return f"{gateway_id}/{partition}"
