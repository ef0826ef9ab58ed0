"""A source that only one of several gateways may run: the one that holds its lease."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Any

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.gateway.sources.base import Source
from rasa_autoplay.link.redis.leases import RENEWAL_S, Lease
from rasa_autoplay.storage.redis import RedisConnection

__all__ = ["SingletonSource"]

logger = logging.getLogger(__name__)


class SingletonSource:
    """Runs a source while this gateway holds its lease.

    Args:
        make: makes the source; called each time this gateway gets the lease.
        connection: to Redis; its owner closes it.
        key: the Redis key of the lease.
    """

    def __init__(self, make: Callable[[], Source], connection: RedisConnection, key: str) -> None:
        self._make = make
        self._connection = connection
        self._key = key
        self._source = make()
        self.name = self._source.name
        self._lease: Lease | None = None
        self._is_running = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run the source as soon as no other gateway does."""
        # Not in the constructor: the workers of one server are forked after it, and need names of their own.
        self._lease = Lease(self._connection, self._key, f"gateway_{secrets.token_urlsafe(9)}")
        self._task = asyncio.get_running_loop().create_task(self._watch(self._lease), name=self.name)

    async def stop(self) -> None:
        """Stop the source, and release the lease to another gateway."""
        await end_tasks([self._task])
        await self._set_running(False)
        if self._lease is not None:
            await self._lease.release()

    async def _watch(self, lease: Lease) -> None:
        while True:
            try:
                await self._set_running(await lease.holds())
            except Exception:
                logger.exception("The source %r could not be started or stopped; retrying.", self.name)
            await asyncio.sleep(RENEWAL_S)

    async def _set_running(self, is_wanted: bool) -> None:
        if is_wanted == self._is_running:
            return
        if is_wanted:
            logger.info("This Rasa server runs the source %r.", self.name)
            self._source = self._make()
            await self._source.start()
        else:
            await self._source.stop()
        self._is_running = is_wanted

    def health(self) -> dict[str, Any]:
        """The source's health; its state is ``idle`` if this gateway does not run it."""
        health = self._source.health()
        return health if self._is_running else {**health, "state": "idle", "runs": "at another Rasa server"}
