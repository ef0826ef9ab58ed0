"""What waits for Redis is published later, but not what was withdrawn in the meantime."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from redis.exceptions import ConnectionError as RedisAway
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.link.frames import FeedFrame, withdrawal
from rasa_autoplay.link.redis.publish_frames import RedisFramePublisher
from rasa_autoplay.storage.redis_keys import RedisNames, partition_of


class FakeRedis:
    """A connection, its client and its pipelines, which record what is published."""

    def __init__(self) -> None:
        self.is_away = True
        self.attempts = 0
        self.published: list[FeedFrame] = []
        self._pending: list[FeedFrame] = []

    @property
    def client(self) -> FakeRedis:
        return self

    def report(self, _failure: Exception) -> None:
        """Discard the failure."""

    def pipeline(self, **_: Any) -> FakeRedis:
        self._pending = []
        return self

    def publish(self, _channel: str, data: bytes) -> None:
        self._pending.append(msgspec.json.decode(data, type=FeedFrame))

    def set(self, *_: Any, **__: Any) -> None:
        """Discard what is not published."""

    async def execute(self) -> list[int]:
        self.attempts += 1
        if self.is_away:
            raise RedisAway
        self.published += self._pending
        return [1] * len(self._pending)


@asynchronous
async def test_does_not_publish_an_offer_that_was_withdrawn_while_redis_was_away() -> None:
    redis = FakeRedis()
    connection: Any = redis
    publisher = RedisFramePublisher(connection, RedisNames("demo"), {partition_of("u1")})
    publishing = asyncio.create_task(publisher.run(lambda _gateway: None))
    for offer_id in ("o1", "o2", "o3"):
        assert publisher.push("d1/0", FeedFrame("u1", "proactive", offer_id, "{}"))
    await eventually(lambda: redis.attempts, what="an attempt")
    publisher.push("d1/0", withdrawal("u1", "o2"))
    redis.is_away = False
    await eventually(lambda: len(redis.published) == 3, what="the frames")
    assert [(frame.id, frame.is_withdrawal) for frame in redis.published] == [
        ("o1", False),
        ("o3", False),
        ("o2", True),
    ]
    await end_tasks([publishing])
