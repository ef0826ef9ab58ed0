"""What only one gateway may do: a source that runs at whichever gateway holds its lease."""

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
    """A source of which all gateways together run one.

    Args:
        make: makes the source; called again whenever this gateway takes it over.
        connection: to Redis; closed by whoever made it.
        key: of the lease.
    """

    def __init__(self, make: Callable[[], Source], connection: RedisConnection, key: str) -> None:
        self._make = make
        self._connection = connection
        self._key = key
        self._source = make()
        self.name = self._source.name
        self._lease: Lease | None = None
        self._runs = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run the source as soon as no other gateway does."""
        # Named now: several workers of one server are forked from the process in which we were made.
        self._lease = Lease(self._connection, self._key, f"gateway_{secrets.token_urlsafe(9)}")
        self._task = asyncio.get_running_loop().create_task(self._watch(self._lease), name=self.name)

    async def stop(self) -> None:
        """End the source, and let another gateway have it."""
        if self._task is not None:
            await end_tasks([self._task])
        await self._let_run(False)
        if self._lease is not None:
            await self._lease.release()

    async def _watch(self, lease: Lease) -> None:
        while True:
            try:
                await self._let_run(await lease.holds())
            except Exception:
                logger.exception(
                    "The source %r could not be started or stopped; it is tried again.", self.name
                )
            await asyncio.sleep(RENEWAL_S)

    async def _let_run(self, is_ours: bool) -> None:
        if is_ours == self._runs:
            return
        if is_ours:
            logger.info("This Rasa server runs the source %r.", self.name)
            self._source = self._make()
            await self._source.start()
        else:
            await self._source.stop()
        self._runs = is_ours

    def health(self) -> dict[str, Any]:
        """The source's own where it runs; ``idle`` where another gateway runs it."""
        health = self._source.health()
        return health if self._runs else {**health, "state": "idle", "runs": "at another Rasa server"}
