"""``SANIC_WORKERS=2`` with Redis: the workers of one Rasa server share users, chats and toasts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest
from redis import Redis
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.redis_server import RedisServer, running_redis
from support.user import User
from support.workshop import Workshop

from scenario.test_open_chat import LISTED, QUESTION

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: Enough that connections reach both workers.
_USERS = 8


@pytest.fixture(scope="module")
def meeting_place() -> Iterator[RedisServer]:
    """The Redis server."""
    with running_redis() as server:
        yield server


@pytest.fixture(scope="module")
def workers(workshop: Workshop, background: BackgroundLoop, meeting_place: RedisServer) -> Iterator[Pair]:
    """A Rasa server with two workers, and an action server."""
    project = workshop.project("two workers")
    project.channel["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
    project.autoplay["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
    project.environment.update(AUTOPLAY_REDIS_URL=meeting_place.url, SANIC_WORKERS="2")
    # Rasa starts several workers only with a lock store that they can share.
    redis = urlsplit(meeting_place.url)
    place = {"url": redis.hostname, "port": redis.port, "password": unquote(redis.password or "")}
    project.endpoints["lock_store"] = {"type": "redis", **place, "db": 1}
    project.endpoints["tracker_store"] = {"type": "SQL", "dialect": "sqlite", "db": "tracker.db"}
    with workshop.running(project, background) as pair:
        yield pair


async def test_both_workers_are_connected(workers: Pair, meeting_place: RedisServer) -> None:
    with Redis.from_url(meeting_place.url) as redis:

        def subscribers() -> bool:
            return [count for _, count in redis.pubsub_numsub(*redis.pubsub_channels("*gateways"))] == [2]

        await eventually(subscribers, within_s=60, what="two gateways subscribe to what is for all gateways")


async def test_each_user_gets_toast_and_chat_whichever_worker_serves_them(workers: Pair) -> None:
    for number in range(_USERS):
        user = User(workers, f"user{number}")
        async with user.feed() as feed, user.chat() as window:
            await user.send_story(user.story())
            toast = await feed.toast()
            assert await user.open_chat(window, toast) == (200, {"status": "ok"})
            assert [(await window.bubble()).text for _ in range(2)] == [QUESTION, LISTED]
        assert workers.offers_to(user.id) == [toast.id]
