"""Leases in Redis, which decide which process does a job that must be done once.

A lease lasts seconds and is renewed. A holder that was paused or cut off from Redis for longer treats its
lease as lost, by its own clock, before it does anything else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from typing import Any

from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import PARTITIONS, RedisNames

__all__ = ["LEASE_S", "RENEWAL_S", "Lease", "PartitionLeases"]

logger = logging.getLogger(__name__)

#: A dead holder's lease expires after this time.
LEASE_S = 3.0
#: How often a live holder renews its leases and looks for free ones.
RENEWAL_S = 0.75

#: In one step, renews the engine's leases, acquires free ones up to a fair share, and returns both.
#: KEYS: engines, run, leases. ARGV: engine id, lease time in ms, id for a new run, the triggers' lookback in
#: s.
_RENEW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, life = ARGV[1], tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now, id)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - life)
redis.call('HSETNX', KEYS[2], 'id', ARGV[3])
redis.call('HSET', KEYS[2], 'lookback', ARGV[4])
local leases = #KEYS - 2
local share = math.ceil(leases / redis.call('ZCARD', KEYS[1]))
local renewed, free, taken = {}, {}, {}
for i = 1, leases do
  local owner = redis.call('GET', KEYS[i + 2])
  if owner == id then
    redis.call('PEXPIRE', KEYS[i + 2], life)
    renewed[#renewed + 1] = i - 1
  elseif not owner then
    free[#free + 1] = i - 1
  end
end
for _, i in ipairs(free) do
  if #renewed + #taken < share then
    redis.call('SET', KEYS[i + 3], id, 'PX', life)
    taken[#taken + 1] = i
  end
end
return {share, renewed, taken, redis.call('HGET', KEYS[2], 'id')}
"""
#: KEYS: the lease. ARGV: the holder, lease time in ms.
_HOLD = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
#: KEYS: engines, then leases. ARGV: engine id, 1 if the engine leaves.
_RELEASE = """
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end
end
if ARGV[2] == '1' then redis.call('ZREM', KEYS[1], ARGV[1]) end
"""


class Lease:
    """One lease, which has at most one holder at a time.

    Args:
        connection: the connection to Redis.
        key: the lease's key in Redis.
        holder: the id of this holder.
        monotonic: monotonic seconds.
    """

    def __init__(
        self,
        connection: RedisConnection,
        key: str,
        holder: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._key = key
        self._holder = holder
        self._monotonic = monotonic
        self._hold: Any = connection.client.register_script(_HOLD)
        self._release: Any = connection.client.register_script(_RELEASE)
        self._valid_until = 0.0

    async def holds(self) -> bool:
        """Acquire or renew the lease if possible; return whether this holder has it."""
        asked_at = self._monotonic()
        try:
            is_ours = await self._hold(keys=[self._key], args=(self._holder, int(LEASE_S * 1000)))
        except REDIS_FAILURES as failure:
            # Nobody else can have the lease until it has expired.
            self._connection.report(failure)
            return asked_at < self._valid_until
        self._valid_until = asked_at + LEASE_S if is_ours else 0.0
        return bool(is_ours)

    async def release(self) -> None:
        """Release the lease if this holder has it."""
        self._valid_until = 0.0
        try:
            await self._release(keys=["", self._key], args=(self._holder, 0))
        except REDIS_FAILURES as failure:
            self._connection.report(failure)


class PartitionLeases:
    """This engine's leases on partitions: a fair share of all partitions among the engines.

    Args:
        connection: the connection to Redis.
        names: the names of keys.
        engine_id: the id of this engine, the holder.
        run_id: an id for Redis's data if it has none yet.
        lookback_s: how far back this engine's triggers look, in seconds.
        monotonic: monotonic seconds.
    """

    def __init__(
        self,
        connection: RedisConnection,
        names: RedisNames,
        engine_id: str,
        run_id: str,
        lookback_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._names = names
        self._engine_id = engine_id
        self._arguments = (engine_id, int(LEASE_S * 1000), run_id, lookback_s)
        self._monotonic = monotonic
        self._keys = [names.lease(partition) for partition in range(PARTITIONS)]
        client = connection.client
        self._renew: Any = client.register_script(_RENEW)
        self._release: Any = client.register_script(_RELEASE)
        self._held: dict[int, int] = {}
        self._valid_until = 0.0
        self._renewals = 0
        self._share = PARTITIONS
        self._run = b""

    @property
    def is_current(self) -> bool:
        """Whether the leases have certainly not expired."""
        return self._monotonic() < self._valid_until

    @property
    def held(self) -> dict[int, int]:
        """The held partitions, each with the number of the renewal that acquired it."""
        return dict(self._held)

    @property
    def surplus(self) -> list[int]:
        """The held partitions beyond the fair share, to be released as soon as their work is finished."""
        return sorted(self._held)[self._share :]

    async def run(self) -> None:
        """Renew the leases until cancelled."""
        while True:
            began_at = self._monotonic()
            try:
                await self.renew()
            except REDIS_FAILURES as failure:
                self._connection.report(failure)
            except Exception:
                logger.exception("Renewing the leases failed; the engine will retry.")
            await asyncio.sleep(max(RENEWAL_S - (self._monotonic() - began_at), 0.05))

    async def renew(self) -> None:
        """Renew the held leases, and acquire free ones.

        Raises:
            REDIS_FAILURES: Redis is away; the held leases stay valid until they expire.
        """
        asked_at = self._monotonic()
        keys = [self._names.engines, self._names.run, *self._keys]
        share, renewed, taken, run = await self._renew(keys=keys, args=self._arguments)
        self._connection.works()
        self._renewals += 1
        # A lease that was never lost keeps its number, however late the renewal. So does one that was lost
        # with
        # all of Redis's data, because no other engine can have served its users and left data.
        kept = {*renewed, *(taken if run != self._run else ())}
        self._held = {
            p: self._held.get(p, self._renewals) if p in kept else self._renewals for p in renewed + taken
        }
        self._run = run
        self._share = share
        self._valid_until = asked_at + LEASE_S

    async def release(self, partitions: Collection[int]) -> None:
        """Release these partitions for other engines."""
        for partition in partitions:
            self._held.pop(partition, None)
        await self._release_in_redis(partitions, leaves=False)

    async def leave(self) -> None:
        """Release everything, because this engine stops."""
        held, self._held = list(self._held), {}
        await self._release_in_redis(held, leaves=True)

    async def _release_in_redis(self, partitions: Collection[int], *, leaves: bool) -> None:
        keys = [self._names.engines, *(self._names.lease(partition) for partition in partitions)]
        await self._release(keys=keys, args=(self._engine_id, int(leaves)))

    def lost(self, partition: int) -> None:
        """Record that, according to Redis, another engine now holds a partition."""
        self._held.pop(partition, None)
