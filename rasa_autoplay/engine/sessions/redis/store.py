"""Stores live sessions that several engines share: in the memory of the user's engine, and in Redis.

Users are divided into partitions. A lease gives each partition to one engine at a time. That engine works on
the partition's sessions in its own memory, as :mod:`rasa_autoplay.engine.sessions.local` does, and writes
changed sessions to Redis with every commit. The next owner of the partition reads them from there. An engine
can read sessions of other partitions, but never writes them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import islice

from rasa_autoplay.engine.sessions.local import LocalSessionStore, ignore_ended
from rasa_autoplay.engine.sessions.redis.commit import SessionCommit, partition_of_session
from rasa_autoplay.engine.sessions.redis.reader import SessionReader
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames, partition_of

__all__ = ["RedisSessionStore"]

#: Encoding more sessions at once would block the event loop.
_COMMIT_AT_ONCE = 200


class RedisSessionStore:
    """Stores the sessions of this engine's partitions, and reads the others.

    Unlike the local store's coroutines, these may yield to read a session from Redis.

    Args:
        settings: limits and timeouts; ``max_sessions`` limits this engine's memory, expiry limits Redis.
        product_id: the product's id.
        engine_id: the id in the leases of our partitions.
        connection: to Redis.
        clock: epoch seconds.
        on_session_ended: called with every session that expires or is evicted.
    """

    def __init__(
        self,
        settings: SessionSettings,
        product_id: str,
        engine_id: str,
        connection: RedisConnection,
        clock: Callable[[], float],
        on_session_ended: Callable[[Session], object] = ignore_ended,
    ) -> None:
        self.counts: Counter[str] = Counter()
        #: The partitions that this engine owns.
        self.owned: set[int] = set()
        self._settings, self._engine_id, self._clock = settings, engine_id, clock
        self._connection, self._names = connection, RedisNames(product_id)
        self._local = LocalSessionStore(settings, on_session_ended)
        self._reader = SessionReader(connection, self._names, settings, clock, self.counts)
        self._reading: dict[SessionKey, asyncio.Task[Session | None]] = {}
        self._changed: dict[SessionKey, Session] = {}
        #: Sessions that belonged to a user of another partition before, with that user's id.
        self._departed: dict[tuple[SessionKey, str], None] = {}
        #: Sessions that must not be read from Redis again, because they are to be deleted there.
        self._forgotten: set[SessionKey] = set()
        #: The sessions in the current commit.
        self._in_flight: dict[SessionKey, Session] = {}
        self._commit: SessionCommit | None = None

    def __len__(self) -> int:
        return len(self._local)

    def __iter__(self) -> Iterator[Session]:
        """Iterate over the sessions in this engine's memory."""
        return iter(self._local)

    @property
    def evicted(self) -> int:
        """Number of sessions evicted from this engine's memory; they continue in Redis."""
        return self._local.evicted

    async def load(self, key: SessionKey, now: float, held_by: str = "") -> Session:
        """Return the session with that key; create it if there is none."""
        session = await self._local.find(key)
        if session is None and (stored := await self._stored(key)) is not None:
            session = self._restore(stored)
        return session if session is not None else await self._local.load(key, now, held_by)

    async def save(self, session: Session, now: float) -> None:
        """Store a session's changes, and ``now`` as its last activity.

        Sessions of other engines' partitions are not written, because their owner has the newer state.
        """
        former = session.listed_under
        await self._local.save(session, now)
        home = partition_of_session(session)
        if home not in self.owned:
            return
        self._changed[session.key] = session
        if former and former != session.user_id and partition_of(former) != home:
            self._departed[session.key, former] = None
        self._enforce_limit()

    def _enforce_limit(self) -> None:
        """Limit the sessions that wait for Redis, which may be unavailable, to ``max_sessions``."""
        while len(self._changed) > self._settings.max_sessions:
            del self._changed[next(iter(self._changed))]
            self.counts["snapshots_dropped"] += 1
        while len(self._departed) > self._settings.max_sessions:
            del self._departed[next(iter(self._departed))]

    async def find(self, key: SessionKey) -> Session | None:
        """Return the live session with that key; one of another engine's partition is a copy."""
        session = await self._local.find(key)
        if session is None and (stored := await self._stored(key)) is not None:
            return self._restore(stored) if partition_of_session(stored) in self.owned else stored
        return session

    def _unwritten(self, key: SessionKey) -> Session | None:
        """Return an evicted session that still waits for its commit; None if there is none."""
        session = self._changed.get(key) or self._in_flight.get(key)
        is_over = session is not None and session.active_at <= self._clock() - self._settings.idle_timeout
        return None if is_over else session

    async def _stored(self, key: SessionKey) -> Session | None:
        """Read a session from Redis; concurrent calls for the same key get the same object."""
        if key in self._forgotten:
            return None
        if (session := self._unwritten(key)) is not None:
            return session
        reading = self._reading.get(key)
        if reading is None:
            reading = asyncio.get_running_loop().create_task(self._read_once(key))
            self._reading[key] = reading
            reading.add_done_callback(lambda _: self._reading.pop(key))
        await asyncio.shield(reading)
        # Another caller may have stored it, or a new session, in the meantime.
        return await self._local.find(key) or reading.result()

    async def _read_once(self, key: SessionKey) -> Session | None:
        try:
            return await self._reader.find(key, self.owned)
        except REDIS_FAILURES as failure:
            self._connection.report(failure)
            return None

    def _restore(self, session: Session) -> Session:
        self._local.restore([session])
        return session

    async def latest_of(self, product_id: str, user_id: str) -> Session | None:
        """Return the user's most recently active session, a copy if the user is another engine's; or None."""
        if partition_of(user_id) in self.owned:
            return await self._local.latest_of(product_id, user_id)
        sessions = await self._elsewhere(product_id, user_id)
        return sessions[-1] if sessions else None

    def at_hand(self, _key: SessionKey, _user_id: str) -> Session | None:
        """Return None: another engine may have a later session of the user."""
        return None

    async def engaged_with(self, product_id: str, user_id: str) -> list[Session]:
        """Return the user's sessions in which a toast, the chat or a tour was active at their last save."""
        if partition_of(user_id) in self.owned:
            return await self._local.engaged_with(product_id, user_id)
        sessions = await self._elsewhere(product_id, user_id)
        return sorted((s for s in sessions if s.is_engaged), key=lambda session: session.key)

    async def _elsewhere(self, product_id: str, user_id: str) -> list[Session]:
        try:
            return await self._reader.of_user(product_id, user_id)
        except REDIS_FAILURES as failure:
            self._connection.report(failure)
            return []

    async def forget_user(self, product_id: str, user_id: str) -> int:
        """Remove the user's sessions without ending them, here and, with the next commit, in Redis."""
        waiting = [
            *self._changed.values(),
            *self._in_flight.values(),
            *await self._elsewhere(product_id, user_id),
        ]
        theirs = {s.key for s in waiting if s.key[0] == product_id and s.user_id == user_id}
        theirs |= {s.key for s in self._local if s.key[0] == product_id and s.user_id == user_id}
        await self._local.forget_user(product_id, user_id)
        for key in theirs:
            self._changed.pop(key, None)
            self._in_flight.pop(key, None)
            self._departed[key, user_id] = None
            self._forgotten.add(key)
        return len(theirs)

    async def expire(self, now: float) -> int:
        """End some sessions that were idle for too long; Redis expires its copies itself."""
        return await self._local.expire(now)

    async def clear(self) -> int:
        """Remove all sessions from memory, because this engine ends; they continue in Redis."""
        self.owned.clear()
        self._changed.clear()
        self._departed.clear()
        return self._local.release(lambda _: True)

    async def adopt(self, partitions: Collection[int]) -> list[Session]:
        """Read the sessions of partitions that this engine owns from now on.

        Returns:
            The live ones, the one idle longest first. A snapshot has no timers and no user history, so the
            caller must restore these.

        Raises:
            RedisError, OSError, asyncio.TimeoutError: Redis is not available; nothing has changed.
        """
        found = [s for partition in sorted(partitions) for s in await self._reader.of_partition(partition)]
        found.sort(key=lambda session: session.active_at)
        self.owned.update(partitions)
        return self._local.restore(found)

    def forget(self, partitions: Collection[int]) -> None:
        """Remove the sessions of partitions that this engine no longer owns, without ending them."""
        self.owned.difference_update(partitions)
        self._local.release(lambda session: partition_of_session(session) not in self.owned)
        self._changed = {k: s for k, s in self._changed.items() if partition_of_session(s) in self.owned}
        self._departed = {(k, u): None for k, u in self._departed if partition_of(u) in self.owned}

    def rewrite_all(self) -> None:
        """Mark all owned sessions as changed, because Redis has lost its data."""
        self._changed.update(
            {session.key: session for session in self._local if partition_of_session(session) in self.owned}
        )

    @property
    def has_changes(self) -> bool:
        """Whether there is something to commit."""
        return bool(self._changed or self._departed)

    def begin_commit(self) -> SessionCommit:
        """Begin a commit of changed sessions, or of some of them.

        The caller reports success or failure to the commit before it begins the next one.

        Raises:
            RuntimeError: another commit is pending, and its older data could overwrite newer data.
        """
        if self._commit is not None:
            raise RuntimeError("another commit of sessions is pending")
        departed = [self._departed.popitem()[0] for _ in range(min(len(self._departed), _COMMIT_AT_ONCE))]
        batch = dict(islice(self._changed.items(), _COMMIT_AT_ONCE))

        def finish(is_written: bool) -> None:
            self._commit, self._in_flight = None, {}
            if is_written:
                self.counts["snapshots_written"] += len(commit)
                self._forgotten.difference_update(key for key, _ in departed)
                return
            # A session that has changed again in the meantime is newer in _changed.
            self._changed = {**self._ours(batch), **self._changed}
            self._departed.update(dict.fromkeys(departed))
            self._enforce_limit()

        commit = self._commit = SessionCommit(
            self._names, self._engine_id, self._settings.idle_timeout, self._clock(), finish
        )
        for key, user_id in departed:
            commit.remove(key, user_id)
        for key, session in batch.items():
            del self._changed[key]
            if not commit.add(session):
                self.counts["snapshots_failed"] += 1
        self._in_flight = batch
        return commit

    def _ours(self, sessions: dict[SessionKey, Session]) -> dict[SessionKey, Session]:
        return {
            key: session for key, session in sessions.items() if partition_of_session(session) in self.owned
        }

    async def flush(self) -> bool:
        """Write all changes in transactions of their own; False if Redis is not available."""
        while self.has_changes:
            commit = self.begin_commit()
            pipeline = self._connection.client.pipeline(transaction=True)
            commit.write_to(pipeline)
            try:
                await pipeline.execute()
            except BaseException as failure:
                commit.failed()
                if not isinstance(failure, REDIS_FAILURES):
                    raise
                self._connection.report(failure)
                return False
            commit.succeeded()
        return True
