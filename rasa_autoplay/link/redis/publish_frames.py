"""Publishes frames and answers to the gateways over Redis."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Container

import msgspec

from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.redis.peer_messages import Answer
from rasa_autoplay.link.withdrawals import Withdrawals
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames, partition_of

__all__ = ["RedisFramePublisher"]

logger = logging.getLogger(__name__)

#: Overflow policy ``drop_oldest``. An undelivered offer goes to the next feed that opens, and all gateways
#: list
#: their feeds again when Redis is back.
_MAX_QUEUED = 10_000
_AT_ONCE = 200
#: How long Redis keeps an offer's user; receipts arrive while the offer is open.
_OFFER_S = 86_400
_CHECK_S = 2.0

_encoder = msgspec.json.Encoder()


class RedisFramePublisher:
    """Publishes frames to gateways, and detects gateways that are gone.

    Args:
        connection: the connection to Redis.
        names: the names of channels and keys.
        served: the partitions that this engine serves now; the caller updates it.
    """

    def __init__(self, connection: RedisConnection, names: RedisNames, served: Container[int]) -> None:
        self._connection = connection
        self._names = names
        self._served = served
        #: The gateway, when the message was queued (monotonic seconds), and the message.
        self._queue: deque[tuple[str, float, FeedFrame | Answer]] = deque()
        self._withdrawals = Withdrawals()
        self._arrived = asyncio.Event()
        #: Gateways that have sent something.
        self.gateways: set[str] = set()
        self.counts: Counter[str] = Counter()

    def push(self, gateway_id: str, frame: FeedFrame) -> bool:
        """Queue a frame for a gateway; return False if another engine now serves its user."""
        if partition_of(frame.user_id) not in self._served:
            return False
        self._withdrawals.note(frame)
        # For each partition, the engine knows a gateway by its own name: "<gateway>/<partition>".
        self._put(gateway_id.partition("/")[0], frame)
        return True

    def answer(self, gateway_id: str, answer: Answer) -> None:
        """Queue an answer for the gateway that asked."""
        self._put(gateway_id, answer)

    def _put(self, gateway_id: str, message: FeedFrame | Answer) -> None:
        if len(self._queue) >= _MAX_QUEUED:
            self._queue.popleft()
            self.counts["dropped_frames"] += 1
        self._queue.append((gateway_id, time.monotonic(), message))
        self._arrived.set()

    async def run(self, on_gateway_lost: Callable[[str], None]) -> None:
        """Publish frames as they arrive, until cancelled.

        Args:
            on_gateway_lost: called with the id of a gateway that no longer listens.
        """
        retry = Retry()
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            try:
                self._drop_expired()
                while self._queue:
                    await self._publish_some(on_gateway_lost)
                retry.succeeded()
            except REDIS_FAILURES as failure:
                self._connection.report(failure)
                self._arrived.set()
                await retry.wait()
            except Exception:
                logger.exception("Publishing to the gateways failed; the engine will retry.")

    async def _publish_some(self, on_gateway_lost: Callable[[str], None]) -> None:
        some = [self._queue[i] for i in range(min(_AT_ONCE, len(self._queue)))]
        pipeline = self._connection.client.pipeline(transaction=False)
        for gateway_id, came_at, message in some:
            pipeline.publish(
                self._names.gateway(gateway_id), _encoder.encode(_aged(message, came_at) or message)
            )
        for _, _, message in some:
            if isinstance(message, FeedFrame) and message.id:
                pipeline.set(self._names.user_of_offer(message.id), message.user_id, ex=_OFFER_S)
        answers = await pipeline.execute()
        for sent, receivers in zip(some, answers, strict=False):
            # While Redis was away, the queue may have dropped the oldest.
            if self._queue and self._queue[0] is sent:
                self._queue.popleft()
            if not receivers:
                self._lose(sent[0], on_gateway_lost)

    def _drop_expired(self) -> None:
        """Drop the offers that expired, or were withdrawn, while they waited for Redis."""
        alive = [
            entry
            for entry in self._queue
            if _aged(entry[2], entry[1]) is not None and not self._is_withdrawn(entry[2])
        ]
        if len(alive) < len(self._queue):
            self.counts["dropped_frames"] += len(self._queue) - len(alive)
            self._queue = deque(alive)

    def _is_withdrawn(self, message: FeedFrame | Answer) -> bool:
        return isinstance(message, FeedFrame) and self._withdrawals.include(message)

    async def check_gateways(self, on_gateway_lost: Callable[[str], None]) -> None:
        """Check regularly whether the gateways still listen, until cancelled.

        Args:
            on_gateway_lost: called with the id of a gateway that no longer listens.
        """
        while True:
            await asyncio.sleep(_CHECK_S)
            gateways = sorted(self.gateways)
            try:
                if gateways:
                    channels = [self._names.gateway(gateway_id) for gateway_id in gateways]
                    numbers = await self._connection.client.pubsub_numsub(*channels)
                    for gateway_id, (_, listeners) in zip(gateways, numbers, strict=True):
                        if not listeners:
                            self._lose(gateway_id, on_gateway_lost)
            except REDIS_FAILURES as failure:
                self._connection.report(failure)
            except Exception:
                logger.exception("Checking the gateways failed; the engine will retry.")

    def _lose(self, gateway_id: str, on_gateway_lost: Callable[[str], None]) -> None:
        self.gateways.discard(gateway_id)
        on_gateway_lost(gateway_id)


def _aged(message: FeedFrame | Answer, came_at: float) -> FeedFrame | Answer | None:
    """Subtract the time since ``came_at`` (monotonic seconds) from a frame; None if it has expired."""
    return message.after_waiting(time.monotonic() - came_at) if isinstance(message, FeedFrame) else message
