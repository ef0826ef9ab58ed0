"""What was worked off is taken off its stream together with the sessions that it changed, in one step."""

from __future__ import annotations

from collections.abc import Collection

from rasa_autoplay.engine.sessions.redis.store import RedisSessionStore
from rasa_autoplay.link.redis.leases import PartitionLeases
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import GROUP, RedisNames

__all__ = ["StreamAcks"]

#: KEYS: lease, stream. ARGV: engine id, group, the entries that were worked off.
_TAKE_OFF = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 3, #ARGV do
  redis.call('XACK', KEYS[2], ARGV[2], ARGV[i])
  redis.call('XDEL', KEYS[2], ARGV[i])
end
return 1
"""


class StreamAcks:
    """The entries of the streams that this engine has begun, until they are taken off.

    Args:
        connection: to Redis.
        names: of keys.
        engine_id: the holder of the leases.
        store: the sessions that entries change.
        leases: are told of a partition that is another's by now.
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
        #: By partition: entries that were worked off, and are still to be taken off the stream.
        self._done: dict[int, list[bytes]] = {}
        #: Entries that were begun, and are not taken off yet.
        self._under_way: set[tuple[int, bytes]] = set()

    def begin(self, partition: int, entry_id: bytes) -> None:
        """An entry is being worked off."""
        self._under_way.add((partition, entry_id))

    def has_begun(self, partition: int, entry_id: bytes) -> bool:
        """Whether an entry was begun here, and is not taken off yet."""
        return (partition, entry_id) in self._under_way

    def done(self, partition: int, entry_id: bytes) -> None:
        """An entry was worked off."""
        self._done.setdefault(partition, []).append(entry_id)

    def forget(self, partitions: Collection[int]) -> None:
        """These partitions are ours no more: whoever has them works off what is still there."""
        for partition in partitions:
            self._done.pop(partition, None)
        self._under_way = {each for each in self._under_way if each[0] not in partitions}

    async def commit(self) -> None:
        """Write what has changed, and take off what was worked off, where we still may.

        Raises:
            REDIS_FAILURES: nothing of it is lost; it is tried again with the next commit.
        """
        if not self._done and not self._store.has_changes:
            return
        done, self._done = self._done, {}
        try:
            # What was worked off is taken off with the last of the sessions that it changed.
            while not await self._commit_some(done):
                pass
        except BaseException:
            for partition, entries in done.items():
                self._done.setdefault(partition, [])[:0] = entries
            raise
        self._connection.works()

    async def _commit_some(self, done: dict[int, list[bytes]]) -> bool:
        """One transaction; True when nothing is left."""
        commit = self._store.begin_commit()
        is_last = not self._store.has_changes
        pipeline = self._connection.client.pipeline(transaction=True)
        commit.write_to(pipeline)
        off = done if is_last else {}
        for partition, entries in off.items():
            keys = (self._names.lease(partition), self._names.up(partition))
            pipeline.eval(_TAKE_OFF, len(keys), *keys, self._engine_id, GROUP, *entries)
        try:
            answers = await pipeline.execute()
        except BaseException:
            commit.failed()
            raise
        commit.succeeded()
        self._under_way.difference_update((p, entry_id) for p, entries in off.items() for entry_id in entries)
        for partition, ours in zip(off, answers[len(answers) - len(off) :], strict=True):
            if not ours:
                self._leases.lost(partition)
        return is_last
