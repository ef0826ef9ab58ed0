"""The link over Redis, as the door sees it: for several Rasa servers and several action servers."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Any

import msgspec

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.base import EngineRefused, FrameTaker
from rasa_autoplay.link.messages import Answer, Call, FeedFrame, Hello, OpenFeed, OpenFeeds, UpMessage
from rasa_autoplay.link.redis_up import StreamsUp, unreachable
from rasa_autoplay.link.subscription import Subscription
from rasa_autoplay.link.uplink import Uplink
from rasa_autoplay.redis_client import REDIS_FAILURES, RedisConnection, end_tasks
from rasa_autoplay.redis_names import RedisNames, partition_of

__all__ = ["RedisLink"]

logger = logging.getLogger(__name__)

_NO_ENGINE = (
    'Start one with "rasa run actions"; its autoplay.yml needs store: {type: redis} with the same Redis and '
    "the same product_id."
)
_frames = msgspec.json.Decoder(Hello | FeedFrame | Answer)
_healths = msgspec.json.Decoder(dict[str, Any])


class RedisLink:
    """Messages up by streams, one a partition; frames and answers down by a channel of this door's.

    Args:
        product_id: whose app the door is configured for.
        connection: to Redis; closed at the stop.
        clock: epoch seconds.
    """

    def __init__(self, product_id: str, connection: RedisConnection, clock: Callable[[], float]) -> None:
        self._product_id = product_id
        self._connection = connection
        self._clock = clock
        self._names = RedisNames(product_id)
        self._up = StreamsUp(connection, self._names)
        self._uplink = Uplink(product_id, self._up.post, clock)
        self._open_feeds: Callable[[], list[OpenFeed]] = list
        self._down: Subscription | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._asked: dict[str, asyncio.Future[Answer]] = {}

    @property
    def door_id(self) -> str:
        """This door's name among all doors."""
        return self._uplink.door_id

    def send(self, message: UpMessage) -> bool:
        """Queue a message for the engines; False when the bound is reached."""
        return self._uplink.send(message)

    def start(self, on_frame: FrameTaker, open_feeds: Callable[[], list[OpenFeed]]) -> None:
        """Begin to carry messages."""
        # Made anew: several workers of one server are forked from the process in which we were made.
        self._uplink = Uplink(self._product_id, self._up.post, self._clock)
        self._uplink.watch_feeds(open_feeds)
        self._open_feeds = open_feeds

        async def take(data: bytes) -> None:
            await self._take(data, on_frame)

        channels = (self._names.door(self.door_id), self._names.doors)
        self._down = Subscription(self._connection, channels, take, self._uplink.announce_feeds)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._uplink.run(), name="autoplay link, up"),
            loop.create_task(self._down.run(), name="autoplay link, down"),
        ]

    async def stop(self) -> None:
        """Send what is queued if that is possible at once, then end."""
        await end_tasks(self._tasks)
        try:
            await asyncio.wait_for(self._uplink.flush(), 0.5)
        except (EngineUnreachable, asyncio.TimeoutError):
            logger.warning(
                "%d messages for the engines could not be sent before the stop.", len(self._uplink)
            )
        await self._connection.close()

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        problem = self._connection.problem
        connected = self._down is not None and self._down.is_open and not self._uplink.problem and not problem
        health: dict[str, Any] = {
            "type": "redis",
            "state": "connected" if connected else "connecting",
            "door_id": self.door_id,
            "queued": len(self._uplink),
            **self._uplink.counts,
        }
        if not connected:
            remedy = f"{problem}: check {self._connection.place}" if problem else self._uplink.problem
            health.update({"remedy": remedy} if remedy else {})
        return health

    async def call(self, name: str, arguments: dict[str, Any], timeout_s: float = 5.0) -> dict[str, Any]:
        """Ask the engine of the user concerned; see :class:`rasa_autoplay.link.base.Link`."""
        if name == "health":
            return await self._engines()
        call = Call(secrets.token_urlsafe(9), name, arguments, self._clock() + timeout_s)
        answering = self._asked[call.call_id] = asyncio.get_running_loop().create_future()
        try:
            partition = await self._partition(call)
            await self._up.send_call(self.door_id, partition, call)
            answer = await asyncio.wait_for(answering, timeout_s)
        except asyncio.TimeoutError:
            raise EngineUnreachable("No action server has answered over Redis.", remedy=_NO_ENGINE) from None
        finally:
            del self._asked[call.call_id]
        if answer.status == 200:
            body: dict[str, Any] = answer.body
            return body
        raise EngineRefused(answer.status, answer.body)

    async def _partition(self, call: Call) -> int:
        user_id = call.arguments.get("user_id")
        if not user_id and "offer_id" in call.arguments:
            user_id = await self._up.user_of_offer(str(call.arguments["offer_id"]))
        # What concerns no user can be asked of any engine; who watches asks the same one again and again.
        return partition_of(str(user_id or call.arguments.get("watch_id") or call.call_id))

    async def _engines(self) -> dict[str, Any]:
        """What the engines say of themselves."""
        client, names = self._connection.client, self._names
        try:
            ids = [each.decode() for each in await client.zrange(names.engines, 0, -1)]
            told = await client.mget([names.health(each) for each in ids]) if ids else []
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None
        engines = {each: _healths.decode(health) for each, health in zip(ids, told, strict=True) if health}
        if not engines:
            raise EngineUnreachable("No action server is connected to Redis.", remedy=_NO_ENGINE)
        return {"state": "running", "product_id": self._product_id, "engines": engines}

    async def _take(self, data: bytes, on_frame: FrameTaker) -> None:
        try:
            frame = _frames.decode(data)
        except msgspec.DecodeError:
            logger.warning("An engine sent a frame that cannot be read: are both of the same version?")
            return
        if isinstance(frame, FeedFrame):
            await on_frame(frame)
        elif isinstance(frame, Hello):
            self.send(OpenFeeds(self._open_feeds(), frame.partitions))
        else:
            asked = self._asked.get(frame.call_id)
            if asked is not None and not asked.done():
                asked.set_result(frame)
