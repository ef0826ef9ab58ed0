"""Leases in Redis decide which process does what must be done once. They last seconds, and are renewed.

A holder that was paused, or cut off from Redis, for longer than the lease lasts treats it as lost by its own
clock, before it does anything else.
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

#: A dead holder's lease is free after this …
LEASE_S = 3.0
#: … and a living one renews it, and looks for free ones, this often.
RENEWAL_S = 0.75

#: Renews what is ours, takes what is free up to a fair share, and tells both, in one step.
#: KEYS: engines, run, the leases. ARGV: engine id, life in ms, a name for a new run, how far back we look.
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
#: KEYS: the lease. ARGV: the holder, life in ms.
_HOLD = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
#: KEYS: engines, then leases. ARGV: engine id, whether it leaves.
_RELEASE = """
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end
end
if ARGV[2] == '1' then redis.call('ZREM', KEYS[1], ARGV[1]) end
"""


class Lease:
    """One lease, held by one at a time.

    Args:
        connection: to Redis.
        key: its name there.
        holder: who asks for it.
        monotonic: seconds that no clock setting changes.
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
        """Take or renew it, if that is possible; whether it is ours."""
        asked_at = self._monotonic()
        try:
            is_ours = await self._hold(keys=[self._key], args=(self._holder, int(LEASE_S * 1000)))
        except REDIS_FAILURES as failure:
            # Until it has run out, nobody else can have it.
            self._connection.report(failure)
            return asked_at < self._valid_until
        self._valid_until = asked_at + LEASE_S if is_ours else 0.0
        return bool(is_ours)

    async def release(self) -> None:
        """Give it back, if it is ours."""
        self._valid_until = 0.0
        try:
            await self._release(keys=["", self._key], args=(self._holder, 0))
        except REDIS_FAILURES as failure:
            self._connection.report(failure)


class PartitionLeases:
    """This engine's leases on partitions: a fair share of them, however many engines there are.

    Args:
        connection: to Redis.
        names: of the keys.
        engine_id: the holder.
        run_id: a name for Redis's data, should it have none.
        lookback_s: how far back this engine's triggers look.
        monotonic: seconds that no clock setting changes.
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
        self._takes = 0
        self._share = PARTITIONS
        self._run = b""

    @property
    def is_current(self) -> bool:
        """Whether what we hold cannot be anybody else's by now."""
        return self._monotonic() < self._valid_until

    @property
    def held(self) -> dict[int, int]:
        """The partitions that are ours, as of the last renewal, each with the number of its take-over."""
        return dict(self._held)

    @property
    def surplus(self) -> list[int]:
        """What we hold beyond our share, to be given back as soon as it is in order."""
        return sorted(self._held)[self._share :]

    async def run(self) -> None:
        """Renew, until cancelled."""
        while True:
            begun = self._monotonic()
            try:
                await self.renew()
            except REDIS_FAILURES as failure:
                self._connection.report(failure)
            except Exception:
                logger.exception("Renewing the leases failed; it is tried again.")
            await asyncio.sleep(max(RENEWAL_S - (self._monotonic() - begun), 0.05))

    async def renew(self) -> None:
        """Renew what is ours, and take what is free.

        Raises:
            REDIS_FAILURES: Redis is away; then what we hold is ours until it runs out.
        """
        asked_at = self._monotonic()
        keys = [self._names.engines, self._names.run, *self._keys]
        share, renewed, taken, run = await self._renew(keys=keys, args=self._arguments)
        self._connection.works()
        self._takes += 1
        # A lease that was never lost keeps its number, whatever the time in between. So does one that was
        # lost with all of Redis's data: nobody can have served its users meanwhile and left anything.
        kept = {*renewed, *(taken if run != self._run else ())}
        self._held = {
            p: self._held.get(p, self._takes) if p in kept else self._takes for p in renewed + taken
        }
        self._run = run
        self._share = share
        self._valid_until = asked_at + LEASE_S

    async def release(self, partitions: Collection[int]) -> None:
        """Give these back, for others to take."""
        for partition in partitions:
            self._held.pop(partition, None)
        await self._give_back(partitions, leaves=False)

    async def leave(self) -> None:
        """Give everything back: this engine stops."""
        held, self._held = list(self._held), {}
        await self._give_back(held, leaves=True)

    async def _give_back(self, partitions: Collection[int], *, leaves: bool) -> None:
        keys = [self._names.engines, *(self._names.lease(partition) for partition in partitions)]
        await self._release(keys=keys, args=(self._engine_id, int(leaves)))

    def lost(self, partition: int) -> None:
        """Redis says that a partition is another's by now."""
        self._held.pop(partition, None)
