"""Writes an engine's changed sessions to Redis, one transaction at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.snapshot import encode_session
from rasa_autoplay.storage.redis_keys import RedisNames, partition_of

__all__ = ["SessionCommit", "name_of", "partition_of_session"]

logger = logging.getLogger(__name__)

#: A snapshot outlives its session by this, so that an engine that takes over late can still end it.
_MARGIN_S = 60.0

_WRITE = """
-- Writes sessions of one partition if we still own it; returns their number.
-- KEYS: the lease; the partition's index; then, for each session, its snapshot, and its user's index ('' for
--       none).
-- ARGV: our engine's id; index entries active before this are trimmed (epoch s); the indexes' expiry (ms);
--       then, for each session, its name, its last activity (epoch s), its snapshot ('' if it is gone) and
--       its expiry (ms).
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end

local function add_to_index(index, active_at, name)
  local answer = redis.pcall('ZADD', index, active_at, name)
  if type(answer) == 'table' and answer.err then
    -- Another program has written something else to a key of ours.
    if not string.find(answer.err, 'WRONGTYPE') then error(answer.err) end
    redis.call('DEL', index)
    redis.call('ZADD', index, active_at, name)
  end
  redis.call('ZREMRANGEBYSCORE', index, '-inf', ARGV[2])
  redis.call('PEXPIRE', index, ARGV[3])
end

local count = (#KEYS - 2) / 2
for i = 1, count do
  local snapshot_key, user_index = KEYS[1 + 2 * i], KEYS[2 + 2 * i]
  local name, active_at, snapshot, expiry_ms = ARGV[4 * i], ARGV[4 * i + 1], ARGV[4 * i + 2], ARGV[4 * i + 3]
  if snapshot == '' then
    redis.call('DEL', snapshot_key)
    redis.pcall('ZREM', KEYS[2], name)
    redis.pcall('ZREM', user_index, name)
  else
    redis.call('SET', snapshot_key, snapshot, 'PX', expiry_ms)
    add_to_index(KEYS[2], active_at, name)
    if user_index ~= '' then
      add_to_index(user_index, active_at, name)
      redis.call('ZREMRANGEBYRANK', user_index, 0, -101) -- only an attacker has more than 100 sessions
    end
  end
end
return count
"""


def partition_of_session(session: Session) -> int:
    """Return a session's partition: its user's, or by its own id while the user is unknown."""
    return partition_of(session.user_id or session.key[1])


def name_of(key: SessionKey) -> str:
    """Return a session's name in Redis."""
    return f"{quote(key[0], safe='')}:{key[1]}"


class _Written(NamedTuple):
    """The script's arguments for one session; ``snapshot`` is empty if the session is gone."""

    snapshot_key: str
    user_index: str
    name: str
    active_at: float
    snapshot: bytes
    expiry_ms: int


class SessionCommit:
    """Snapshots of sessions, which are written all together or not at all.

    Args:
        names: our keys.
        engine_id: only partitions whose lease holds this id are written.
        idle_timeout_s: after this long without activity, a session expires.
        now: epoch seconds.
        on_finished: called with True if everything was written, with False if it was not.
    """

    def __init__(
        self,
        names: RedisNames,
        engine_id: str,
        idle_timeout_s: float,
        now: float,
        on_finished: Callable[[bool], None],
    ) -> None:
        self._names, self._engine_id = names, engine_id
        self._idle_timeout_s, self._now = idle_timeout_s, now
        self._on_finished = on_finished
        self._written: dict[int, list[_Written]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._written.values()))

    def add(self, session: Session) -> bool:
        """Add a session as it is now; False if it cannot be encoded, which is logged."""
        expiry_s = session.active_at + self._idle_timeout_s + _MARGIN_S - self._now
        if expiry_s <= 0:
            return True
        try:
            snapshot = encode_session(session)
        except (TypeError, ValueError):
            logger.exception("A session cannot be written to Redis, so no other engine could continue it.")
            return False
        user_index = self._names.user_sessions(session.user_id) if session.user_id else ""
        self._add(
            partition_of_session(session), session.key, user_index, session.active_at, snapshot, expiry_s
        )
        return True

    def remove(self, key: SessionKey, user_id: str) -> None:
        """Remove a session from a user, because it belongs to another user now."""
        self._add(partition_of(user_id), key, self._names.user_sessions(user_id), self._now, b"", 1.0)

    def _add(
        self, partition: int, key: SessionKey, index: str, active_at: float, snapshot: bytes, expiry_s: float
    ) -> None:
        name = name_of(key)
        written = _Written(
            self._names.session(partition, name), index, name, active_at, snapshot, int(expiry_s * 1e3)
        )
        self._written.setdefault(partition, []).append(written)

    def write_to(self, pipeline: Any) -> None:
        """Add one command for each partition to a pipeline; each command checks its lease."""
        oldest, index_ms = self._now - self._idle_timeout_s, int((self._idle_timeout_s + _MARGIN_S) * 1e3)
        for partition, written in self._written.items():
            keys = [self._names.lease(partition), self._names.sessions(partition)]
            arguments: list[Any] = [self._engine_id, oldest, index_ms]
            for each in written:
                keys += each[:2]
                arguments += each[2:]
            pipeline.eval(_WRITE, len(keys), *keys, *arguments)

    def succeeded(self) -> None:
        """Report success: everything is in Redis, or in partitions that are no longer ours."""
        self._on_finished(True)

    def failed(self) -> None:
        """Report failure: the sessions must be written again."""
        self._on_finished(False)
