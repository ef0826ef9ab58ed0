"""Live sessions that several engines share: in the memory of the engine that owns their user, and in Redis.

Users are divided into partitions, and each partition has one owner at a time, by its lease. The owner works
on the partition's sessions in its own memory, as :mod:`rasa_autoplay.engine.sessions.local` does, and writes
down what has changed with every commit; who takes the partition over reads them from there. Of the others'
sessions an engine can read, and nothing more.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from itertools import islice

from rasa_autoplay.engine.sessions.local import LocalSessionStore, ignore_ended
from rasa_autoplay.engine.sessions.redis.commit import SessionCommit, partition_of_session
from rasa_autoplay.engine.sessions.redis.reader import SessionReader
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames, partition_of

__all__ = ["RedisSessionStore"]

#: Encoding more at once would hold up the event loop.
_COMMIT_AT_ONCE = 200


class RedisSessionStore:
    """The sessions of the partitions that this engine owns, and a view of the others.

    Unlike the local store's, its coroutines give way to others when a session is not at hand.

    Args:
        settings: bounds and times; ``max_sessions`` bounds this engine's memory, their expiry bounds Redis.
        product_id: whose app.
        engine_id: what the lease of a partition of ours holds.
        connection: where they are.
        clock: epoch seconds.
        on_session_ended: is called with every session that expires or loses its room.
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
        #: The partitions whose sessions are here.
        self.owned: set[int] = set()
        self._settings, self._engine_id, self._clock = settings, engine_id, clock
        self._connection, self._names = connection, RedisNames(product_id)
        self._local = LocalSessionStore(settings, on_session_ended)
        self._reader = SessionReader(connection, self._names, settings, clock, self.counts)
        self._reading: dict[SessionKey, asyncio.Task[Session | None]] = {}
        self._changed: dict[SessionKey, Session] = {}
        #: Sessions that were another user's, whose partition may be read by another engine.
        self._departed: dict[tuple[SessionKey, str], None] = {}
        #: What the commit that is under way has taken.
        self._in_flight: dict[SessionKey, Session] = {}
        self._commit: SessionCommit | None = None

    def __len__(self) -> int:
        return len(self._local)

    @property
    def evicted(self) -> int:
        """How many sessions had to leave this memory for want of room; they live on in Redis."""
        return self._local.evicted

    async def load(self, key: SessionKey, now: float, held_by: str = "") -> Session:
        """The session of that key, made anew when there is none."""
        session = await self._local.find(key)
        if session is None and (stored := await self._stored(key)) is not None:
            session = self._kept(stored)
        return session if session is not None else await self._local.load(key, now, held_by)

    async def save(self, session: Session, now: float) -> None:
        """Keep what changed in a session, and that it was active now.

        Of a partition that is not ours nothing is written: its owner knows better.
        """
        former = session.listed_under
        await self._local.save(session, now)
        home = partition_of_session(session)
        if home not in self.owned:
            return
        self._changed[session.key] = session
        if former and former[1] != session.user_id and partition_of(former[1]) != home:
            self._departed[session.key, former[1]] = None
        self._keep_bounds()

    def _keep_bounds(self) -> None:
        """While Redis is away, what has left this memory waits only within the same bound."""
        while len(self._changed) > self._settings.max_sessions:
            del self._changed[next(iter(self._changed))]
            self.counts["snapshots_dropped"] += 1
        while len(self._departed) > self._settings.max_sessions:
            del self._departed[next(iter(self._departed))]

    async def find(self, key: SessionKey) -> Session | None:
        """The session of that key, if it lives; one that nobody here owns is read, and not kept."""
        session = await self._local.find(key)
        if session is None and (stored := await self._stored(key)) is not None:
            return self._kept(stored) if partition_of_session(stored) in self.owned else stored
        return session

    def _unwritten(self, key: SessionKey) -> Session | None:
        """A session for which there was no room here any more, while it still waits for its commit."""
        session = self._changed.get(key) or self._in_flight.get(key)
        is_over = session is not None and session.active_at <= self._clock() - self._settings.idle_timeout
        return None if is_over else session

    async def _stored(self, key: SessionKey) -> Session | None:
        """From Redis; who asks for the same one meanwhile gets the same object."""
        if (session := self._unwritten(key)) is not None:
            return session
        reading = self._reading.get(key)
        if reading is None:
            reading = asyncio.get_running_loop().create_task(self._read_once(key))
            self._reading[key] = reading
            reading.add_done_callback(lambda _: self._reading.pop(key))
        await asyncio.shield(reading)
        # Whoever came first may have put it, or a new one, in its place by now.
        return await self._local.find(key) or reading.result()

    async def _read_once(self, key: SessionKey) -> Session | None:
        try:
            return await self._reader.find(key, self.owned)
        except REDIS_FAILURES as failure:
            self._connection.report(failure)
            return None

    def _kept(self, session: Session) -> Session:
        self._local.restore([session])
        return session

    async def latest_of(self, product_id: str, user_id: str) -> Session | None:
        """The user's most recently active session, if one lives; of a user that is not ours, a copy."""
        if partition_of(user_id) in self.owned:
            return await self._local.latest_of(product_id, user_id)
        sessions = await self._elsewhere(product_id, user_id)
        return sessions[-1] if sessions else None

    async def engaged_with(self, product_id: str, user_id: str) -> list[Session]:
        """The user's sessions in which toast, chat or tour had their attention when they were last saved."""
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

    async def expire(self, now: float) -> int:
        """Let go of some sessions that were idle for too long; in Redis they expire by themselves."""
        return await self._local.expire(now)

    async def clear(self) -> int:
        """Let go of all sessions, because this engine ends; they are not over, and live on in Redis."""
        self.owned.clear()
        self._changed.clear()
        self._departed.clear()
        return self._local.release(lambda _: True)

    async def adopt(self, partitions: Collection[int]) -> list[Session]:
        """Read the sessions of partitions that have become ours.

        Returns:
            Those that live, the one idle longest first. What their engine knew beyond the snapshot (timers,
            their user's past) is to be made anew.

        Raises:
            RedisError, OSError, asyncio.TimeoutError: Redis is away; nothing has changed.
        """
        found = [s for partition in sorted(partitions) for s in await self._reader.of_partition(partition)]
        found.sort(key=lambda session: session.active_at)
        self.owned.update(partitions)
        return self._local.restore(found)

    def forget(self, partitions: Collection[int]) -> None:
        """Let go of the sessions of partitions that are no longer ours, written or not; they are not over."""
        self.owned.difference_update(partitions)
        self._local.release(lambda session: partition_of_session(session) not in self.owned)
        self._changed = {k: s for k, s in self._changed.items() if partition_of_session(s) in self.owned}
        self._departed = {(k, u): None for k, u in self._departed if partition_of(u) in self.owned}

    def write_anew(self) -> None:
        """Redis has lost its data, and we still own what we have: all of it is to be written again."""
        self._changed.update(
            {session.key: session for session in self._local if partition_of_session(session) in self.owned}
        )

    @property
    def has_changes(self) -> bool:
        """Whether there is something to commit."""
        return bool(self._changed or self._departed)

    def begin_commit(self) -> SessionCommit:
        """Take what has changed, or a part of it; the caller says how it went before the next one begins.

        Raises:
            RuntimeError: another commit is under way: what is older could overtake what is newer.
        """
        if self._commit is not None:
            raise RuntimeError("another commit of sessions is under way")
        departed = [self._departed.popitem()[0] for _ in range(min(len(self._departed), _COMMIT_AT_ONCE))]
        taken = dict(islice(self._changed.items(), _COMMIT_AT_ONCE))

        def settle(is_written: bool) -> None:
            self._commit, self._in_flight = None, {}
            if is_written:
                self.counts["snapshots_written"] += len(commit)
                return
            # What has changed again meanwhile is there already, and newer.
            self._changed = {**self._ours(taken), **self._changed}
            self._departed.update(dict.fromkeys(departed))
            self._keep_bounds()

        commit = self._commit = SessionCommit(
            self._names, self._engine_id, self._settings.idle_timeout, self._clock(), settle
        )
        for key, user_id in departed:
            commit.take_out(key, user_id)
        for key, session in taken.items():
            del self._changed[key]
            if not commit.take(session):
                self.counts["snapshots_failed"] += 1
        self._in_flight = taken
        return commit

    def _ours(self, sessions: dict[SessionKey, Session]) -> dict[SessionKey, Session]:
        return {
            key: session for key, session in sessions.items() if partition_of_session(session) in self.owned
        }

    async def flush(self) -> bool:
        """Write down all that has changed, in transactions of its own; False when Redis does not take it."""
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
