"""Several gateways on a real Redis server: a chat opens where its window is, and a source runs once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import SharedGateway, eventually, shared_gateway

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable, IdentityRefused
from rasa_autoplay.gateway.chat.redis_session_owners import RedisSessionOwners
from rasa_autoplay.gateway.chat.remote_windows import ChatGateways
from rasa_autoplay.gateway.redis.singleton_source import SingletonSource
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Refusal
from rasa_autoplay.link.redis.gateway_link import PeerHandler
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

PLACE = "link.url in credentials.yml"


class Here:
    """Records one gateway's conversations."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, ...]] = []
        self.problem: Exception | None = None

    async def open(
        self,
        sender_id: str,
        user_id: str,
        trigger_id: str,
        offer_id: str,
        step: str = "",
        languages: tuple[str, ...] = (),
    ) -> None:
        if self.problem is not None:
            raise self.problem
        self.opened.append((sender_id, user_id, trigger_id, offer_id, step, *languages))

    def user_wrote(self, sender_id: str) -> None:
        """Not called here."""

    async def stop(self) -> None:
        """Nothing is pending."""


class ChatGateway:
    """A gateway with some chat windows, each of one user."""

    def __init__(self, shared: SharedGateway) -> None:
        self.here = Here()
        self.windows: dict[str, str] = {}
        self.gateways = ChatGateways(
            self.here, lambda window: window in self.windows, self._check, shared.link
        )
        shared.answer_peer = cast(PeerHandler, self.gateways.answer)

    async def _check(self, user_id: str, sender_id: str) -> None:
        if self.windows[sender_id] != user_id:
            raise IdentityRefused("wrong_user", "another user's", "Sign in.", kind="forbidden")


@asynccontextmanager
async def two_gateways(server: RedisServer) -> AsyncIterator[tuple[ChatGateway, ChatGateway]]:
    async with shared_gateway(server) as one, shared_gateway(server) as two:
        await eventually(lambda: one.link.health()["state"] == two.link.health()["state"] == "connected")
        yield ChatGateway(one), ChatGateway(two)


@asynchronous
async def test_opens_the_chat_at_the_gateway_that_holds_its_window(redis_server: RedisServer) -> None:
    async with two_gateways(redis_server) as (one, two):
        two.windows["w1"] = "u1"
        await one.gateways.open("w1", "u1", "t1", "o1", "step")
        assert two.here.opened == [("w1", "u1", "t1", "o1", "step")]
        one.windows["w2"] = "u2"
        await one.gateways.open("w2", "u2", "t1", "o2")
        assert one.here.opened == [("w2", "u2", "t1", "o2", "")]


@pytest.mark.parametrize(
    ("problem", "refusal"),
    [
        (EngineRefused("not_found", "no such offer"), Refusal("not_found", "no such offer")),
        (ChatUndelivered("Not said.", remedy="Train."), Refusal("failed", "Not said.", "Train.")),
        (EngineUnreachable("Nobody answers."), Refusal("failed", "Nobody answers.")),
    ],
)
@asynchronous
async def test_returns_the_error_of_the_other_gateway(
    redis_server: RedisServer, problem: Exception, refusal: Refusal
) -> None:
    async with two_gateways(redis_server) as (one, two):
        two.windows["w1"] = "u1"
        two.here.problem = problem
        with pytest.raises(EngineRefused) as refused:
            await one.gateways.open("w1", "u1", "t1", "o1")
        assert refused.value.refusal() == refusal


@asynchronous
async def test_gateway_that_holds_the_window_rejects_another_user(
    redis_server: RedisServer,
) -> None:
    async with two_gateways(redis_server) as (one, two):
        two.windows["w1"] = "u1"
        with pytest.raises(EngineRefused) as refusal:
            await one.gateways.open("w1", "somebody else", "t1", "o1")
        assert refusal.value.kind == "forbidden"
        assert not two.here.opened


@asynchronous
async def test_first_gateway_reports_that_no_gateway_holds_the_window(
    redis_server: RedisServer,
) -> None:
    async with two_gateways(redis_server) as (one, two):
        one.here.problem = ChatUndelivered("No chat window is connected under this sender_id.")
        with pytest.raises(ChatUndelivered):
            await one.gateways.open("w1", "u1", "t1", "o1")
        assert not two.here.opened


class Subscription:
    """A source that records whether it runs."""

    name = "stream"

    def __init__(self, runs: list[int], number: int) -> None:
        self._runs, self._number = runs, number

    async def start(self) -> None:
        self._runs.append(self._number)

    async def stop(self) -> None:
        self._runs.remove(self._number)

    def health(self) -> dict[str, Any]:
        return {"state": "connected"}


@asynchronous
async def test_runs_a_source_at_one_gateway_with_failover(redis_server: RedisServer) -> None:
    runs: list[int] = []
    connections = [RedisConnection(Secret(redis_server.url), PLACE) for _ in range(3)]
    sources = [
        SingletonSource(lambda number=number: Subscription(runs, number), connection, "once")  # type: ignore[misc]
        for number, connection in enumerate(connections)
    ]
    await sources[0].start()
    await eventually(lambda: runs == [0])
    await sources[1].start()
    # It dies without notice: its lease expires.
    assert sources[0]._task is not None
    await end_tasks([sources[0]._task])
    await eventually(lambda: runs == [0, 1])
    assert sources[1].health()["state"] == "connected"
    # It stops in good order: it ends, then releases its lease.
    await sources[2].start()
    assert sources[2].health()["state"] == "idle"
    await sources[1].stop()
    await eventually(lambda: runs == [0, 2])
    await sources[2].stop()
    for connection in connections:
        await connection.close()


@asynchronous
async def test_gateway_stops_its_source_when_it_loses_redis(redis_server: RedisServer) -> None:
    runs: list[int] = []
    connection = RedisConnection(Secret(redis_server.url), PLACE)
    source = SingletonSource(lambda: Subscription(runs, 1), connection, "once")
    await source.start()
    await eventually(lambda: runs == [1])
    redis_server.kill()
    await eventually(lambda: not runs)
    redis_server.start()
    await eventually(lambda: runs == [1])
    await source.stop()
    await connection.close()


@asynchronous
async def test_all_gateways_agree_on_the_user_of_a_chat_session(redis_server: RedisServer) -> None:
    connections = [RedisConnection(Secret(redis_server.url), PLACE) for _ in range(2)]
    one, two = (RedisSessionOwners(connection, RedisNames("demo")) for connection in connections)
    assert await one.owner_of("w1") == ""
    assert await one.claim("w1", "u1") == "u1"
    assert (await two.owner_of("w1"), await two.claim("w1", "u2")) == ("u1", "u1")
    assert await two.claim("w2", "u2") == "u2"
    redis_server.kill()
    # Known owners stay known; unknown sessions cannot be claimed.
    assert await two.claim("w1", "u2") == "u1"
    for asking in (two.claim("w3", "u2"), two.owner_of("w3")):
        with pytest.raises(IdentityRefused) as refusal:
            await asking
        assert refusal.value.kind == "unavailable"
    for connection in connections:
        await connection.close()
