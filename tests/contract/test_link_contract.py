"""The link's contract over HTTP, over Redis and within one process: what a gateway can rely on with each."""

from __future__ import annotations

import asyncio
import time
import typing
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import assume, given, settings
from support.engine_parts import action, batch, save
from support.link_requests import any_request
from support.redis_server import RedisServer
from support.run import asynchronous
from support.sanic_server import fresh_app, serving
from support.shared_engines import eventually
from support.stand_in_link import ANSWERS

from rasa_autoplay.engine.redis.partition_worker import EngineLink
from rasa_autoplay.engine.sessions.redis.store import RedisSessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.errors import EngineUnreachable, RefusalKind
from rasa_autoplay.events.models import SummaryPayload, UsertourTrigger
from rasa_autoplay.link.answers import Acknowledged, TourReported, TourStarted
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.http.client import HttpLink
from rasa_autoplay.link.http.endpoint import EngineEndpoint
from rasa_autoplay.link.http.server import link_blueprint
from rasa_autoplay.link.local.link import LocalLink
from rasa_autoplay.link.messages import (
    Batch,
    BatchAnswer,
    ChatDelivery,
    ChatMessage,
    Delivered,
    Event,
    FeedClosed,
    FeedInfo,
    FeedOpened,
    FeedSnapshot,
    Refusal,
    UpMessage,
    sender_of,
)
from rasa_autoplay.link.redis.gateway_link import RedisLink
from rasa_autoplay.link.redis.leases import PartitionLeases
from rasa_autoplay.link.redis.publish_frames import RedisFramePublisher
from rasa_autoplay.link.request_decoder import REQUESTS
from rasa_autoplay.link.request_types import EngineRequest, UserRequest, answer_type
from rasa_autoplay.link.requests import Acknowledge, EndTour, GetHealth, StartTour
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

HIDDEN = "s3cret-word"
FEEDS = [FeedInfo("f1", "u1"), FeedInfo("f2", "u2", "o7", languages=("de-CH", "en"))]


class NotingEngine:
    """Accepts messages of either link, and answers as configured."""

    def __init__(self) -> None:
        self.engine_id = "run 1"
        self.taken: list[UpMessage] = []
        self.gateways: set[str] = set()
        self.asked: list[EngineRequest[Any]] = []
        self.respond: Callable[[EngineRequest[Any]], msgspec.Struct | Coroutine[Any, Any, msgspec.Struct]] = (
            lambda request: ANSWERS[type(request)]
        )

    async def apply_batch(self, batch: Batch) -> BatchAnswer:
        if batch.engine_id == self.engine_id:
            await self.apply_messages(batch.gateway_id, batch.messages)
        return BatchAnswer(self.engine_id, 300.0)

    async def apply_messages(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        self.gateways.add(gateway_id)
        self.taken += messages

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        self.asked.append(request)
        answer = self.respond(request)
        return answer if isinstance(answer, msgspec.Struct) else await answer

    def gateway_lost(self, gateway_id: str) -> None:
        self.gateways.discard(gateway_id)

    async def adopt(self, is_ours: Callable[[str], bool], sessions: Iterable[Session] = ()) -> None:
        """Remembers no users."""

    async def finish_pending(self) -> None:
        """Decides nothing."""

    def release(self, is_theirs: Callable[[str], bool]) -> None:
        """Remembers no users."""

    def health(self) -> dict[str, Any]:
        return {"state": "running"}

    def reports(self) -> list[UpMessage]:
        """The accepted messages, except for reports of feeds."""
        return [message for message in self.taken if not isinstance(message, FeedSnapshot)]

    def announced(self) -> set[FeedInfo]:
        """The reported feeds."""
        return {feed for told in self.taken if isinstance(told, FeedSnapshot) for feed in told.feeds}


class Joined:
    """Both ends of a link."""

    def __init__(self, link: Link, engine: NotingEngine, push: Callable[[str, FeedFrame], bool]) -> None:
        self.link, self.engine, self.push = link, engine, push
        self.came: list[FeedFrame] = []
        #: What has left the queue, each with whether it was accepted.
        self.settled: list[tuple[UpMessage, bool]] = []

    def settle(self, message: UpMessage, is_taken: bool) -> None:
        self.settled.append((message, is_taken))

    async def take(self, frame: FeedFrame) -> None:
        self.came.append(frame)


@asynccontextmanager
async def over_http(_server: RedisServer | None) -> AsyncIterator[Joined]:
    engine, streams, app = NotingEngine(), FrameStreams(), fresh_app()
    app.blueprint(link_blueprint(engine, streams, Secret("")))
    async with serving(app) as origin:
        link = HttpLink("demo", lambda: EngineEndpoint(origin), Secret(""), time.time)
        joined = Joined(link, engine, streams.push)
        link.start(joined.take, lambda: FEEDS, joined.settle)
        try:
            yield joined
        finally:
            await link.stop()
            streams.close_all()


@asynccontextmanager
async def in_process(_server: RedisServer | None) -> AsyncIterator[Joined]:
    engine, streams = NotingEngine(), FrameStreams()
    link = LocalLink("demo", engine, streams, time.time)
    joined = Joined(link, engine, streams.push)
    link.start(joined.take, lambda: FEEDS, joined.settle)
    try:
        yield joined
    finally:
        await link.stop()


@asynccontextmanager
async def over_redis(server: RedisServer | None) -> AsyncIterator[Joined]:
    assert server is not None
    engine, names = NotingEngine(), RedisNames("demo")
    adopted: dict[int, int] = {}
    ours, theirs = (RedisConnection(Secret(server.url), "the test") for _ in range(2))
    store = RedisSessionStore(SessionSettings(), "demo", engine.engine_id, ours, time.time)
    leases = PartitionLeases(ours, names, engine.engine_id, "data 1", 300.0)
    publisher = RedisFramePublisher(ours, names, adopted)
    engine_link = EngineLink(ours, names, engine, store, leases, publisher, adopted, time.time)
    engine_link.start()
    link = RedisLink("demo", theirs, time.time)
    joined = Joined(link, engine, publisher.push)
    link.start(joined.take, lambda: FEEDS, joined.settle)
    try:
        yield joined
    finally:
        await link.stop()
        await engine_link.stop()
        await ours.close()


Join = Callable[[], AbstractAsyncContextManager[Joined]]


_WITHOUT_REDIS = {"http": over_http, "in_process": in_process}


@pytest.fixture(params=[*_WITHOUT_REDIS, "redis"])
def join(request: pytest.FixtureRequest) -> Join:
    if make := _WITHOUT_REDIS.get(request.param):
        return lambda: make(None)
    server: RedisServer = request.getfixturevalue("redis_server")
    return lambda: over_redis(server)


async def is_joined(joined: Joined) -> None:
    await eventually(lambda: joined.link.health()["state"] == "connected")
    await eventually(lambda: joined.engine.announced() == set(FEEDS))


def of_user(messages: Collection[UpMessage], user_id: str) -> list[str]:
    chats = [message for message in messages if isinstance(message, ChatMessage)]
    return [message.sender_id for message in chats if message.user_id == user_id]


@asynchronous
async def test_reports_open_feeds_to_the_engine(join: Join) -> None:
    async with join() as joined:
        await is_joined(joined)


@asynchronous
async def test_delivers_a_users_messages_in_order(join: Join) -> None:
    async with join() as joined:
        users = [f"u{number}" for number in range(5)]
        for number in range(100):
            for user in users:
                assert joined.link.send(ChatMessage(user, f"w{number}"))
        await eventually(lambda: len(joined.engine.reports()) >= 500)
        for user in users:
            assert of_user(joined.engine.taken, user) == [f"w{number}" for number in range(100)]


@asynchronous
async def test_delivers_every_kind_of_message_unchanged(join: Join) -> None:
    kinds: list[UpMessage] = [
        Event(batch(save(1), action("ä", 2)), "capture"),
        Event(SummaryPayload("demo", "s1", "They looked round."), "stream"),
        Event(UsertourTrigger("flow", "s1", "demo", "u1"), "stream"),
        FeedOpened(FeedInfo("f1", "u1", "o1", languages=("de-CH", "en"))),
        FeedClosed("f1", "u1"),
        Delivered("o1", ["f1"], "u1"),
        ChatMessage("u1", "w1"),
        ChatDelivery("o1", 2, "failed", "u1", "w1", "because"),
    ]
    async with join() as joined:
        for each in kinds:
            joined.link.send(each)
        await eventually(lambda: len(joined.engine.reports()) >= len(kinds))
        # Senders take turns; each sender's messages stay in order.
        assert sorted(joined.engine.reports(), key=sender_of) == sorted(kinds, key=sender_of)


@asynchronous
async def test_notifies_when_each_message_is_accepted(join: Join) -> None:
    async with join() as joined:
        events = [Event(batch(save(number)), "capture", f"user:{number % 2}") for number in range(20)]
        for each in events:
            assert joined.link.send(each)

        def told() -> list[tuple[UpMessage, bool]]:
            return [(message, is_taken) for message, is_taken in joined.settled if isinstance(message, Event)]

        await eventually(lambda: len(told()) >= len(events))
        assert {id(message) for message, _ in told()} == {id(event) for event in events}
        assert all(is_taken for _, is_taken in told())
        assert len(told()) == len(events)


@asynchronous
async def test_delivers_frames_in_order(join: Join) -> None:
    async with join() as joined:
        await is_joined(joined)
        gateway_id = min(joined.engine.gateways)
        sent = [FeedFrame("u1", "proactive", f"o{n}", '{"body":"Ünïcode ⋯\\n"}', ["f1"]) for n in range(50)]
        for frame in sent:
            assert joined.push(gateway_id, frame)
        await eventually(lambda: len(joined.came) >= 50)
        assert joined.came == sent


class Sing(EngineRequest[Acknowledged], tag="sing", frozen=True):
    """A request that no engine knows."""

    song: str


class StartTourOfAnotherVersion(UserRequest[TourStarted], tag="start_tour", frozen=True):
    """A request with a field that this version does not know."""

    tour_id: str
    speed: int


class EndTourOfAnotherVersion(EngineRequest[TourReported], tag="end_tour", frozen=True):
    """A request without a field that this version needs."""


@asynchronous
async def test_delivers_every_request_unchanged_and_returns_its_answer(join: Join) -> None:
    loop = asyncio.get_running_loop()
    async with join() as joined:
        await is_joined(joined)

        @settings(deadline=None, max_examples=150, database=None)
        @given(any_request())
        def ask(request: EngineRequest[Any]) -> None:
            # Over Redis, the gateway itself finds out which engines exist.
            assume(not isinstance(request, GetHealth))
            joined.engine.asked.clear()
            answer = asyncio.run_coroutine_threadsafe(joined.link.ask(request, 60.0), loop).result(60.0)
            assert joined.engine.asked == [request]
            assert answer == ANSWERS[type(request)]

        await asyncio.to_thread(ask)


@pytest.mark.parametrize("tag", sorted(REQUESTS))
@asynchronous
async def test_answers_each_request_with_its_declared_type(join: Join, tag: str) -> None:
    request_type = REQUESTS[tag]
    samples: dict[Any, Any] = {
        str: "ü/1 ⋯",
        int: 3,
        float: 0.5,
        list[int]: [3],
        list[str]: ["ü/1 ⋯"],
        tuple[str, ...]: ("ü/1 ⋯",),
        list[str | int]: ["ü/1 ⋯", 3],
        dict[str, object]: {"ü/1 ⋯": [3, None]},
    }
    hints = typing.get_type_hints(request_type)
    request = request_type(**{name: samples[hints[name]] for name in request_type.__struct_fields__})
    async with join() as joined:
        await is_joined(joined)
        assert type(await joined.link.ask(request)) is answer_type(request_type)


@pytest.mark.parametrize(
    "request_of_another_version",
    [Sing("x" * 1000), StartTourOfAnotherVersion("u1", "bulk", 2), EndTourOfAnotherVersion()],
    ids=["unknown request", "unknown field", "missing field"],
)
@asynchronous
async def test_rejects_a_request_of_another_version_and_names_the_mismatch(
    join: Join, request_of_another_version: EngineRequest[Any]
) -> None:
    async with join() as joined:
        with pytest.raises(EngineRefused) as refusal:
            await joined.link.ask(request_of_another_version)
        assert refusal.value.kind == "invalid"
        assert "same version" in refusal.value.remedy
        assert len(str(refusal.value)) < 400
        assert not joined.engine.asked


@asynchronous
async def test_rejects_an_answer_of_another_version_and_names_the_mismatch(join: Join) -> None:
    async with join() as joined:
        joined.engine.respond = lambda _request: Acknowledged()
        with pytest.raises(EngineUnreachable, match="start_tour") as failure:
            await joined.link.ask(StartTour("u1", "bulk"))
        assert "same version" in failure.value.remedy


@pytest.mark.parametrize("kind", get_args(RefusalKind))
@asynchronous
async def test_passes_on_the_engines_error_with_its_kind_and_remedy(join: Join, kind: RefusalKind) -> None:
    def refuse(_request: EngineRequest[Any]) -> msgspec.Struct:
        raise EngineRefused(kind, "there is no tour", "Look.")

    async with join() as joined:
        joined.engine.respond = refuse
        with pytest.raises(EngineRefused) as refusal:
            await joined.link.ask(StartTour("u1", "bulk"))
        assert refusal.value.refusal() == Refusal(kind, "there is no tour", "Look.")


@asynchronous
async def test_reports_an_engine_failure_without_its_text(
    join: Join, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_request: EngineRequest[Any]) -> msgspec.Struct:
        raise RuntimeError(HIDDEN)

    async with join() as joined:
        joined.engine.respond = fail
        with pytest.raises(EngineRefused) as refusal:
            await joined.link.ask(EndTour("u1"))
    assert refusal.value.kind == "failed"
    assert HIDDEN not in str(refusal.value)
    assert any(record.exc_info for record in caplog.records), "its log says why"


@asynchronous
async def test_slow_answer_times_out_and_is_not_mistaken_for_the_next(join: Join) -> None:
    go = asyncio.Event()

    async def slow(_request: EngineRequest[Any]) -> msgspec.Struct:
        await go.wait()
        return TourReported("no_session")

    async with join() as joined:
        await is_joined(joined)
        joined.engine.respond = slow
        with pytest.raises(EngineUnreachable):
            await joined.link.ask(EndTour("u1"), timeout_s=0.3)
        joined.engine.respond = lambda _request: TourReported("ok")
        assert await joined.link.ask(EndTour("u1")) == TourReported("ok")
        go.set()


@asynchronous
async def test_finishes_a_request_after_its_caller_hangs_up(join: Join) -> None:
    begun, go, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_request: EngineRequest[Any]) -> msgspec.Struct:
        begun.set()
        await go.wait()
        done.set()
        return Acknowledged()

    async with join() as joined:
        joined.engine.respond = slow
        asking = asyncio.get_running_loop().create_task(
            joined.link.ask(Acknowledge("o1", "seen", "u1"), 30.0)
        )
        await asyncio.wait_for(begun.wait(), 30.0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        go.set()
        await asyncio.wait_for(done.wait(), 30.0)
