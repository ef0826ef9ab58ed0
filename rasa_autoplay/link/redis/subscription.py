"""Listens on channels of Redis, and reports possible gaps: messages are lost while it is not subscribed."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Collection

from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection

__all__ = ["Subscription"]

logger = logging.getLogger(__name__)

_PING_S = 3.0
#: A connection without a message or an answer to a ping for this long is dead.
_SILENCE_S = 10.0


class Subscription:
    """Listens until it is cancelled, and reconnects after failures.

    Args:
        connection: the connection to Redis.
        channels: the names of the channels.
        on_message: handles each message.
        on_open: called whenever all channels are subscribed (again). Earlier messages may have been lost.
    """

    def __init__(
        self,
        connection: RedisConnection,
        channels: Collection[str],
        on_message: Callable[[bytes], Awaitable[None]],
        on_open: Callable[[], object],
    ) -> None:
        self._connection = connection
        self._channels = channels
        self._on_message = on_message
        self._on_open = on_open
        self.is_open = False

    async def run(self) -> None:
        """Listen until cancelled."""
        retry = Retry()
        while True:
            try:
                await self._listen()
            except REDIS_FAILURES as failure:
                self._connection.report(failure)
            except Exception:
                logger.exception("Listening to Redis failed; it will reconnect.")
            if self.is_open:
                retry.succeeded()
            self.is_open = False
            await retry.wait()

    async def _listen(self) -> None:
        pubsub = self._connection.client.pubsub()
        try:
            await pubsub.subscribe(*self._channels)
            waiting_for = set(self._channels)
            heard_at = asked_at = time.monotonic()
            while (now := time.monotonic()) < heard_at + _SILENCE_S:
                if now > asked_at + _PING_S:
                    asked_at = now
                    await pubsub.ping()
                message = await pubsub.get_message(timeout=1.0)
                if message is None:
                    continue
                heard_at = time.monotonic()
                if message["type"] == "message":
                    await self._on_message(message["data"])
                elif message["type"] == "subscribe":
                    # The client library may have reconnected by itself and lost messages meanwhile.
                    if not waiting_for:
                        waiting_for = set(self._channels)
                    waiting_for.discard(message["channel"].decode())
                    if not waiting_for:
                        self.is_open = True
                        self._connection.works()
                        self._on_open()
        finally:
            await pubsub.close()
