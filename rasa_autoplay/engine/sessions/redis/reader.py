"""Reads sessions that engines have written to Redis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from rasa_autoplay.engine.sessions.redis.commit import name_of, partition_of_session
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.snapshot import UnreadableSnapshot, decode_session
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames, partition_of

__all__ = ["SessionReader"]

#: Decoding more sessions at once would block the event loop.
_AT_ONCE = 50


class SessionReader:
    """Reads sessions. Every call raises one of ``REDIS_FAILURES`` if Redis is not available.

    Args:
        connection: to Redis.
        names: our keys.
        settings: this engine's limits and timeouts.
        clock: epoch seconds.
        counts: the reader adds ``snapshots_read`` and ``snapshots_unreadable``.
    """

    def __init__(
        self,
        connection: RedisConnection,
        names: RedisNames,
        settings: SessionSettings,
        clock: Callable[[], float],
        counts: Counter[str],
    ) -> None:
        self._redis = connection.client
        self._names, self._settings = names, settings
        self._clock, self._counts = clock, counts

    async def find(self, key: SessionKey, owned: Collection[int]) -> Session | None:
        """Return a session in the owned partitions, or else one without a user.

        Args:
            key: the session's key. It does not show the session's user, so its partition is unknown.
            owned: the partitions that this engine owns.
        """
        partitions = sorted({*owned, partition_of(key[1])})
        name = name_of(key)
        found = await self._read(self._names.session(partition, name) for partition in partitions)
        candidates = [s for s in found if not s.user_id or partition_of_session(s) in owned]
        return max(candidates, key=lambda s: (s.user_id is not None, s.active_at), default=None)

    async def of_partition(self, partition: int) -> list[Session]:
        """Return all live sessions of a partition, the one idle longest first."""
        names = await self._listed(self._names.sessions(partition))
        sessions = await self._read(self._names.session(partition, name) for name in names)
        return [session for session in sessions if partition_of_session(session) == partition]

    async def of_user(self, product_id: str, user_id: str) -> list[Session]:
        """Return a user's live sessions, the one idle longest first."""
        names = await self._listed(self._names.user_sessions(user_id))
        partition = partition_of(user_id)
        sessions = await self._read(self._names.session(partition, name) for name in names)
        return [s for s in sessions if s.user_id == user_id and s.key[0] == product_id]

    async def _listed(self, index: str) -> Sequence[str]:
        if await self._redis.type(index) != b"zset":
            return []  # there is no index, or another value that the next commit replaces
        oldest = self._clock() - self._settings.idle_timeout
        names: list[bytes] = await self._redis.zrangebyscore(index, f"({oldest}", "+inf")
        return [name.decode("utf-8", "replace") for name in names]

    async def _read(self, keys: Iterable[str]) -> list[Session]:
        wanted = list(keys)
        found: list[Session] = []
        for start in range(0, len(wanted), _AT_ONCE):
            snapshots: list[bytes | None] = await self._redis.mget(wanted[start : start + _AT_ONCE])
            found += filter(None, map(self._decoded, snapshots))
        return found

    def _decoded(self, snapshot: bytes | None) -> Session | None:
        if snapshot is None:
            return None
        try:
            session = decode_session(snapshot, self._settings)
        except UnreadableSnapshot:
            self._counts["snapshots_unreadable"] += 1
            return None
        if session.active_at <= self._clock() - self._settings.idle_timeout:
            return None
        self._counts["snapshots_read"] += 1
        return session
