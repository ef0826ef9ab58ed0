"""What has changed in an engine's sessions, on its way to Redis."""

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

#: A snapshot outlives its session a little: who takes over late still has to end the session.
_MARGIN_S = 60.0

_WRITE = """
-- Writes down sessions of one partition, if we still own it; gives how many.
-- KEYS: the lease; the partition's index; then of each session its snapshot, and its user's index ('' for
--       none).
-- ARGV: our engine's id; what was active before this is trimmed (epoch s); the indexes' expiry (ms); then of
--       each session its name, when it was active (epoch s), its snapshot ('' when it is gone), expiry (ms).
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end

local function note(index, at, name)
  local answer = redis.pcall('ZADD', index, at, name)
  if type(answer) == 'table' and answer.err then
    -- Somebody has put something else there, where only indexes of ours belong.
    if not string.find(answer.err, 'WRONGTYPE') then error(answer.err) end
    redis.call('DEL', index)
    redis.call('ZADD', index, at, name)
  end
  redis.call('ZREMRANGEBYSCORE', index, '-inf', ARGV[2])
  redis.call('PEXPIRE', index, ARGV[3])
end

local count = (#KEYS - 2) / 2
for i = 1, count do
  local snapshot_key, user_index = KEYS[1 + 2 * i], KEYS[2 + 2 * i]
  local name, at, snapshot, expiry_ms = ARGV[4 * i], ARGV[4 * i + 1], ARGV[4 * i + 2], ARGV[4 * i + 3]
  if snapshot == '' then
    redis.call('DEL', snapshot_key)
    redis.pcall('ZREM', KEYS[2], name)
    redis.pcall('ZREM', user_index, name)
  else
    redis.call('SET', snapshot_key, snapshot, 'PX', expiry_ms)
    note(KEYS[2], at, name)
    if user_index ~= '' then
      note(user_index, at, name)
      redis.call('ZREMRANGEBYRANK', user_index, 0, -101) -- a user has few sessions, or plays with us
    end
  end
end
return count
"""


def partition_of_session(session: Session) -> int:
    """The partition that a session belongs to: its user's, or its own while nobody is known."""
    return partition_of(session.user_id or session.key[1])


def name_of(key: SessionKey) -> str:
    """A session's name in Redis."""
    return f"{quote(key[0], safe='')}:{key[1]}"


class _Written(NamedTuple):
    """What the script is told of one session; ``snapshot`` is empty for one that is gone."""

    snapshot_key: str
    user_index: str
    name: str
    active_at: float
    snapshot: bytes
    expiry_ms: int


class SessionCommit:
    """Sessions as they are now, to be written all together or not at all.

    Args:
        names: our keys.
        engine_id: writes to partitions whose lease holds this, and to no others.
        idle_timeout_s: a session that is idle for so long is forgotten.
        now: epoch seconds.
        settle: is told whether all that was taken has been written.
    """

    def __init__(
        self,
        names: RedisNames,
        engine_id: str,
        idle_timeout_s: float,
        now: float,
        settle: Callable[[bool], None],
    ) -> None:
        self._names, self._engine_id = names, engine_id
        self._idle_timeout_s, self._now = idle_timeout_s, now
        self._settle = settle
        self._written: dict[int, list[_Written]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._written.values()))

    def take(self, session: Session) -> bool:
        """Add a session as it is now; False when it cannot be written, which is then logged."""
        lives_s = session.active_at + self._idle_timeout_s + _MARGIN_S - self._now
        if lives_s <= 0:
            return True
        try:
            snapshot = encode_session(session)
        except (TypeError, ValueError):
            logger.exception("A session cannot be written down; another engine could not go on with it.")
            return False
        user_index = self._names.user_sessions(session.user_id) if session.user_id else ""
        self._add(
            partition_of_session(session), session.key, user_index, session.active_at, snapshot, lives_s
        )
        return True

    def take_out(self, key: SessionKey, user_id: str) -> None:
        """A session that was this user's has become another's."""
        self._add(partition_of(user_id), key, self._names.user_sessions(user_id), self._now, b"", 1.0)

    def _add(
        self, partition: int, key: SessionKey, index: str, at: float, snapshot: bytes, lives_s: float
    ) -> None:
        name = name_of(key)
        written = _Written(
            self._names.session(partition, name), index, name, at, snapshot, int(lives_s * 1e3)
        )
        self._written.setdefault(partition, []).append(written)

    def write_to(self, pipeline: Any) -> None:
        """Put one command for each partition into a pipeline; each looks at the lease by itself."""
        oldest, index_ms = self._now - self._idle_timeout_s, int((self._idle_timeout_s + _MARGIN_S) * 1e3)
        for partition, written in self._written.items():
            keys = [self._names.lease(partition), self._names.sessions(partition)]
            arguments: list[Any] = [self._engine_id, oldest, index_ms]
            for each in written:
                keys += each[:2]
                arguments += each[2:]
            pipeline.eval(_WRITE, len(keys), *keys, *arguments)

    def succeeded(self) -> None:
        """All of it is in Redis, or belongs to a partition that is no longer ours."""
        self._settle(True)

    def failed(self) -> None:
        """Nothing is certain: it is to be written again."""
        self._settle(False)
