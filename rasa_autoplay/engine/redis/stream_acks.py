"""Acknowledges stream entries in the same transaction that writes the sessions that they changed."""

from __future__ import annotations

from collections.abc import Collection

from rasa_autoplay.engine.sessions.redis.store import RedisSessionStore
from rasa_autoplay.link.redis.leases import PartitionLeases
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import GROUP, RedisNames

__all__ = ["StreamAcks"]

#: KEYS: lease, stream. ARGV: engine id, group, ids of the applied entries.
_ACKNOWLEDGE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 3, #ARGV do
  redis.call('XACK', KEYS[2], ARGV[2], ARGV[i])
  redis.call('XDEL', KEYS[2], ARGV[i])
end
return 1
"""


class StreamAcks:
    """Tracks the stream entries that this engine applies, until they are acknowledged.

    Args:
        connection: to Redis.
        names: names of keys.
        engine_id: id of the engine that holds the leases.
        store: the sessions that entries change.
        leases: notified if another engine owns a partition by now.
    """

    def __init__(
        self,
        connection: RedisConnection,
        names: RedisNames,
        engine_id: str,
        store: RedisSessionStore,
        leases: PartitionLeases,
    ) -> None:
        self._connection = connection
        self._names = names
        self._engine_id = engine_id
        self._store = store
        self._leases = leases
        #: By partition: applied entries that are not acknowledged yet.
        self._done: dict[int, list[bytes]] = {}
        #: Entries that are being applied, or are not acknowledged yet.
        self._under_way: set[tuple[int, bytes]] = set()

    def begin(self, partition: int, entry_id: bytes) -> None:
        """Record that an entry is being applied."""
        self._under_way.add((partition, entry_id))

    def has_begun(self, partition: int, entry_id: bytes) -> bool:
        """Whether this engine is applying an entry, or has not acknowledged it yet."""
        return (partition, entry_id) in self._under_way

    def done(self, partition: int, entry_id: bytes) -> None:
        """Record that an entry is applied."""
        self._done.setdefault(partition, []).append(entry_id)

    def forget(self, partitions: Collection[int]) -> None:
        """Forget these partitions, because their next owner applies the remaining entries."""
        for partition in partitions:
            self._done.pop(partition, None)
        self._under_way = {each for each in self._under_way if each[0] not in partitions}

    async def commit(self) -> None:
        """Write changed sessions and acknowledge applied entries, for the partitions that are still ours.

        Raises:
            REDIS_FAILURES: Redis is not available. Nothing is lost; the next commit tries again.
        """
        if not self._done and not self._store.has_changes:
            return
        done, self._done = self._done, {}
        try:
            # Entries are acknowledged together with the last sessions that they changed.
            while not await self._commit_some(done):
                pass
        except BaseException:
            for partition, entries in done.items():
                self._done.setdefault(partition, [])[:0] = entries
            raise
        self._connection.works()

    async def _commit_some(self, done: dict[int, list[bytes]]) -> bool:
        """Commit one transaction; True if nothing is left."""
        commit = self._store.begin_commit()
        is_last = not self._store.has_changes
        pipeline = self._connection.client.pipeline(transaction=True)
        commit.write_to(pipeline)
        acknowledged = done if is_last else {}
        for partition, entries in acknowledged.items():
            keys = (self._names.lease(partition), self._names.up(partition))
            pipeline.eval(_ACKNOWLEDGE, len(keys), *keys, self._engine_id, GROUP, *entries)
        try:
            answers = await pipeline.execute()
        except BaseException:
            commit.failed()
            raise
        commit.succeeded()
        self._under_way.difference_update((p, e) for p, entries in acknowledged.items() for e in entries)
        for partition, ours in zip(acknowledged, answers[len(answers) - len(acknowledged) :], strict=True):
            if not ours:
                self._leases.lost(partition)
        return is_last
