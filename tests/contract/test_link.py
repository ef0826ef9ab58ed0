"""The link over real HTTP on this machine, with both ends as they run in the two servers."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from sanic.request import Request
from support.engine_parts import T0, Clock, action, batch, save
from support.link_ends import FakeEngine, Frames, serving_engine, until
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link import frame_streams
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.frames import FeedFrame, withdrawal
from rasa_autoplay.link.http import client as gateway_side
from rasa_autoplay.link.http import server as engine_side
from rasa_autoplay.link.http.client import HttpLink
from rasa_autoplay.link.http.endpoint import LINK_HEADER, LINK_PATH, EngineEndpoint
from rasa_autoplay.link.http.server import link_blueprint
from rasa_autoplay.link.messages import (
    Batch,
    ChatMessage,
    Event,
    FeedInfo,
    FeedOpened,
    FeedSnapshot,
    UpMessage,
)
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.requests import Acknowledge, GetHealth
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

HIDDEN = "s3cret-word"


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_side, "Retry", lambda: Retry(Backoff(0.01, 0.02)))


@asynccontextmanager
async def linked(
    origin: str | None, secret: str = "", frames: Frames | None = None, product: str = "demo"
) -> AsyncIterator[HttpLink]:
    frames = frames or Frames()
    link = HttpLink(product, lambda: EngineEndpoint(origin) if origin else None, Secret(secret), Clock())
    link.start(frames.take, lambda: frames.feeds)
    try:
        yield link
    finally:
        await link.stop()


FRAMES = f"{LINK_PATH}/frames?gateway_id=d1"


@asynccontextmanager
async def peer(
    engine: FakeEngine, streams: FrameStreams | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain client on this machine."""
    async with (
        serving_engine(engine, FrameStreams() if streams is None else streams) as origin,
        aiohttp.ClientSession(origin, headers={LINK_HEADER: "1"}) as http,
    ):
        yield http


def port_of(origin: str) -> int:
    return int(origin.rpartition(":")[2])


def chat(user: str) -> ChatMessage:
    return ChatMessage(user, "w1")


def chats(engine: FakeEngine) -> list[str]:
    return [message.user_id for message in engine.taken if isinstance(message, ChatMessage)]


# --- both ways ---------------------------------------------------------------------------------------------


@asynchronous
async def test_sends_messages_in_order_and_receives_frames() -> None:
    engine, streams, frames = FakeEngine(), FrameStreams(), Frames()
    async with serving_engine(engine, streams) as origin, linked(origin, frames=frames) as link:
        await until(lambda: link.health()["state"] == "connected")
        for number in range(100):
            assert link.send(chat(f"u{number}"))
        await until(lambda: len(chats(engine)) == 100)
        assert chats(engine) == [f"u{number}" for number in range(100)]
        assert FeedSnapshot([FeedInfo("f1", "u1")]) in engine.taken
        (gateway_id,) = streams._queues
        sent = [FeedFrame("u1", "proactive", f"o{n}", '{"body":"Ünïcode ⋯\\n"}', ["f1"]) for n in range(50)]
        for frame in sent:
            assert streams.push(gateway_id, frame)
        await until(lambda: len(frames.came) == 50)
        assert frames.came == sent


@asynchronous
async def test_delivers_every_kind_of_message_unchanged() -> None:
    from rasa_autoplay.events.models import SummaryPayload, UsertourTrigger
    from rasa_autoplay.link.messages import ChatDelivery, Delivered, FeedClosed

    kinds: list[UpMessage] = [
        Event(batch(save(1), action("ä", 2)), "capture"),
        Event(SummaryPayload("demo", "s1", "They looked round."), "stream"),
        Event(UsertourTrigger("flow", "s1", "demo"), "stream"),
        FeedOpened(FeedInfo("f1", "u1", "o1")),
        FeedClosed("f1", "u1"),
        Delivered("o1", ["f1"], "u1"),
        ChatMessage("u1", "w1"),
        ChatDelivery("o1", 2, "failed", "u1", "w1", "because"),
    ]
    engine = FakeEngine()
    async with serving_engine(engine, FrameStreams()) as origin, linked(origin) as link:
        for each in kinds:
            link.send(each)
        await until(lambda: len(engine.taken) >= len(kinds) + 1)
        assert [m for m in engine.taken if not isinstance(m, FeedSnapshot)] == kinds


# --- who is accepted ---------------------------------------------------------------------------------------


async def statuses(origin: str, headers: dict[str, str]) -> list[int]:
    """Return the responses of the three routes."""
    found = []
    body = msgspec.json.encode(Batch("d1", "demo", "", 1, []))
    async with aiohttp.ClientSession(f"{origin}", headers=headers) as http:
        for method, path in [("POST", "messages"), ("POST", "requests"), ("GET", "frames?gateway_id=d1")]:
            data = {"messages": body, "requests": b'{"type":"health"}'}.get(path)
            async with http.request(method, f"{LINK_PATH}/{path}", data=data) as response:
                found.append(response.status)
    return found


LINK = {LINK_HEADER: "1"}


@pytest.mark.parametrize(
    ("secret", "headers", "let_in"),
    [
        (HIDDEN, {**LINK, "Authorization": f"Bearer {HIDDEN}"}, True),
        (HIDDEN, {**LINK, "Authorization": "Bearer wrong"}, False),
        (HIDDEN, {**LINK, "Authorization": "Bearer "}, False),
        (HIDDEN, {**LINK, "Authorization": f"Basic {HIDDEN}"}, False),
        (HIDDEN, {**LINK, "Authorization": HIDDEN}, False),
        (HIDDEN, LINK, False),
        (HIDDEN, {"Authorization": f"Bearer {HIDDEN}"}, False),
        ("", LINK, True),
        ("", {}, False),
    ],
)
@asynchronous
async def test_accepts_the_secret(secret: str, headers: dict[str, str], let_in: bool) -> None:
    engine = FakeEngine()
    async with serving_engine(engine, FrameStreams(), secret) as origin:
        assert await statuses(origin, headers) == ([409, 200, 200] if let_in else [401, 401, 401])
        assert len(engine.asked) == let_in


@pytest.mark.parametrize(
    ("ip", "let_in"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.5", False),
        ("::ffff:10.0.0.5", False),
        ("8.8.8.8", False),
        ("", False),
        ("localhost", False),
        ("unix:/socket", False),
    ],
)
@asynchronous
async def test_without_a_secret_accepts_only_this_machine(
    monkeypatch: pytest.MonkeyPatch, ip: str, let_in: bool
) -> None:
    monkeypatch.setattr(Request, "ip", property(lambda _request: ip))
    async with serving_engine(FakeEngine(), FrameStreams()) as origin:
        assert await statuses(origin, LINK) == ([409, 200, 200] if let_in else [401, 401, 401])
    async with serving_engine(FakeEngine(), FrameStreams(), HIDDEN) as origin:
        assert await statuses(origin, {**LINK, "Authorization": f"Bearer {HIDDEN}"}) == [409, 200, 200]


FOREIGN = [
    *(
        {name: "10.0.0.5"}
        for name in ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
    ),
    *(
        {name: "10.0.0.5"}
        for name in ("Forwarded", "Via", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP")
    ),
    {"Forwarded": "for=127.0.0.1"},
    {"X-Forwarded-For": ""},
    {"x-envoy-external-address": "10.0.0.5"},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site"},
    *(
        {"Host": host}
        for host in ("evil.example", "evil.example:5055", "localhost.evil.example", "10.0.0.5", "")
    ),
    *(
        {"Host": host}
        for host in ("[::2]:5055", "127.0.0.1.evil.example", "2130706433", "localhost@evil.example")
    ),
]


@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
@asynchronous
async def test_without_a_secret_rejects_forwarded_and_browser_requests(foreign: dict[str, str]) -> None:
    engine = FakeEngine()
    async with serving_engine(engine, FrameStreams()) as origin:
        assert await statuses(origin, {**LINK, **foreign}) == [401, 401, 401]
        assert await statuses(origin, LINK) == [409, 200, 200]
        assert len(engine.asked) == 1
    # With a secret, forwarded requests are accepted too.
    async with serving_engine(FakeEngine(), FrameStreams(), HIDDEN) as origin:
        headers = {**LINK, **foreign, "Authorization": f"Bearer {HIDDEN}"}
        assert await statuses(origin, headers) == [409, 200, 200]


@pytest.mark.parametrize(
    "host", ["localhost:5055", "LOCALHOST", "127.0.0.1:1", "127.3.2.1", "[::1]:5055", "[::1]"]
)
@asynchronous
async def test_without_a_secret_accepts_names_of_this_machine(host: str) -> None:
    async with serving_engine(FakeEngine(), FrameStreams()) as origin:
        assert await statuses(origin, {**LINK, "Host": host}) == [409, 200, 200]


@asynchronous
async def test_rejection_names_the_setting() -> None:
    async with (
        serving_engine(FakeEngine(), FrameStreams()) as origin,
        aiohttp.ClientSession(origin) as http,
        http.post(f"{LINK_PATH}/requests", headers={**LINK, "Via": "1.1 proxy"}) as response,
    ):
        answer = await response.json()
    assert "via" in answer["error"]
    assert "AUTOPLAY_LINK_SECRET" in answer["remedy"]


@asynchronous
async def test_reports_an_action_server_that_lacks_the_secret() -> None:
    """Otherwise it would accept any program of this machine, although the Rasa server requires a secret."""
    async with serving_engine(FakeEngine(), FrameStreams()) as origin, linked(origin, HIDDEN) as link:
        await until(lambda: "remedy" in link.health())
        remedy = link.health()["remedy"]
    assert "the action server does not" in remedy
    assert "AUTOPLAY_LINK_SECRET" in remedy


@asynchronous
async def test_wrong_secret_is_reported_with_a_remedy_and_never_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        serving_engine(FakeEngine(), FrameStreams(), "right") as origin,
        linked(origin, HIDDEN) as link,
    ):
        await until(lambda: "remedy" in link.health())
        health = link.health()
        assert health["state"] == "connecting"
        assert "link.secret" in health["remedy"]
        assert "AUTOPLAY_LINK_SECRET" in health["remedy"]
        assert HIDDEN not in str(health)
    assert HIDDEN not in caplog.text


# --- faults ------------------------------------------------------------------------------------------------


@asynchronous
async def test_reconnects_reports_feeds_and_receives_frames_after_a_cut() -> None:
    engine, streams, frames = FakeEngine(), FrameStreams(), Frames()
    async with serving_engine(engine, streams) as origin, linked(origin, frames=frames):
        await until(lambda: len(streams) == 1 and engine.taken)
        (gateway_id,) = streams._queues
        engine.taken.clear()
        frames.feeds.append(FeedInfo("f2", "u2"))
        streams._end(gateway_id)
        await until(lambda: len(streams) == 1 and engine.taken)
        assert engine.taken == [FeedSnapshot(frames.feeds)]
        assert streams.push(gateway_id, FeedFrame("u2", "proactive", "o1", "{}"))
        await until(lambda: frames.came)


@asynchronous
async def test_replays_recent_messages_to_a_restarted_engine() -> None:
    first, second = FakeEngine("run 1"), FakeEngine("run 2")
    origins: list[str] = []
    async with serving_engine(first, FrameStreams()) as one, serving_engine(second, FrameStreams()) as two:
        origins.append(one)
        link = HttpLink("demo", lambda: EngineEndpoint(origins[-1]), Secret(""), Clock())
        link.start(Frames().take, list)
        link.send(Event(batch(save(1)), "capture"))
        await until(lambda: any(isinstance(m, Event) for m in first.taken))
        origins.append(two)
        link.send(chat("after"))
        await until(lambda: chats(second) == ["after"])
        assert [type(m).__name__ for m in second.taken[:2]] == ["FeedSnapshot", "Event"]
        await link.stop()


@asynchronous
async def test_waits_without_an_engine_and_logs_the_remedy() -> None:
    engine = FakeEngine()
    async with serving_engine(engine, FrameStreams()) as origin:
        pass
    async with linked(origin) as link:
        link.send(chat("early"))
        with pytest.raises(EngineUnreachable) as failure:
            await link.ask(GetHealth())
        assert "rasa run actions" in failure.value.remedy
        await until(lambda: "remedy" in link.health())
        assert link.health()["queued"] == 1
        async with serving_engine(engine, FrameStreams(), port=port_of(origin)):
            await until(lambda: chats(engine) == ["early"])
            await until(lambda: link.health()["state"] == "connected")
            assert "remedy" not in link.health()


@asynchronous
async def test_missing_address_error_names_the_setting() -> None:
    async with linked(None) as link:
        with pytest.raises(EngineUnreachable, match=r"endpoints\.yml"):
            await link.ask(GetHealth())


@pytest.mark.parametrize("status", [404, 500])
@asynchronous
async def test_recognises_an_action_server_without_our_actions(status: int) -> None:
    from sanic.response import text

    async def answer(_request: Any, **_path: str) -> Any:
        return text("nobody here", status=status)

    app = fresh_app()
    app.add_route(answer, "/<path:path>", methods=["GET", "POST"])
    async with serving(app) as origin, linked(origin) as link:
        link.send(chat("u1"))
        await until(lambda: "remedy" in link.health())
        assert "from rasa_autoplay.actions import *" in link.health()["remedy"]
        assert link.health()["queued"] == 1


@asynchronous
async def test_keeps_messages_queued_when_a_foreign_server_answers() -> None:
    from sanic.response import html

    async def answer(_request: Any, **_path: str) -> Any:
        return html("<h1>Welcome</h1>")

    app = fresh_app()
    app.add_route(answer, "/<path:path>", methods=["GET", "POST"])
    async with serving(app) as origin, linked(origin) as link:
        link.send(chat("u1"))
        await until(lambda: "remedy" in link.health())
        assert link.health()["queued"] == 1
        assert link.health()["state"] == "connecting"


POISON = [chat("\ud800"), ChatMessage("u1", 42), ChatMessage({"$ne": 1}, "w1")]  # type: ignore[arg-type]


@pytest.mark.parametrize("poison", POISON, ids=["a lone surrogate", "a number", "an object"])
@asynchronous
async def test_unsendable_message_does_not_block_later_ones(poison: ChatMessage) -> None:
    engine = FakeEngine()
    async with serving_engine(engine, FrameStreams()) as origin, linked(origin) as link:
        for message in (chat("before"), poison, chat("after")):
            link.send(message)
        await until(lambda: chats(engine) == ["before", "after"])
        assert link.health()["refused"] == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[1,2,3]", b"null", b"\xff", b'{"gateway_id": 1}'])
@asynchronous
async def test_rejects_a_body_that_is_not_a_batch(body: bytes) -> None:
    async with peer(FakeEngine()) as http, http.post(f"{LINK_PATH}/messages", data=body) as response:
        assert response.status == 400
        assert "error" in await response.json()


@asynchronous
async def test_unexpected_failure_does_not_end_the_frame_stream(caplog: pytest.LogCaptureFixture) -> None:
    class Mistaken(Frames):
        async def take(self, frame: FeedFrame) -> None:
            await super().take(frame)
            if frame.id == "o1":
                raise RuntimeError("a mistake of ours")

    streams, frames = FrameStreams(), Mistaken()
    async with serving_engine(FakeEngine(), streams) as origin, linked(origin, frames=frames):
        await until(lambda: len(streams) == 1)
        (gateway_id,) = streams._queues
        assert streams.push(gateway_id, FeedFrame("u1", "proactive", "o1", "{}"))
        await until(lambda: frames.came)
        await until(
            lambda: (
                streams.push(gateway_id, FeedFrame("u1", "proactive", "o2", "{}")) and len(frames.came) > 1
            )
        )
    assert any(record.exc_info for record in caplog.records)


class _SlowEngine(FakeEngine):
    """Answers the first request when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        answer = await super().answer(request)
        if len(self.asked) == 1:
            await self.may_answer.wait()
        return answer


@asynchronous
async def test_a_caller_that_goes_away_is_no_error_of_the_action_server() -> None:
    """Browsers leave pages while the engine works for them."""
    engine, streams, app = _SlowEngine(), FrameStreams(), fresh_app()
    errors: list[Exception] = []
    app.blueprint(link_blueprint(engine, streams, Secret("")))
    app.error_handler.add(Exception, lambda _request, error: errors.append(error))  # as rasa_sdk logs them
    async with serving(app) as origin, linked(origin) as link:
        asking = asyncio.ensure_future(link.ask(GetHealth()))
        await until(lambda: engine.asked)
        asking.cancel()
        await asyncio.wait([asking])
        for _ in range(20):  # meanwhile the server would notice a closed connection
            await link.ask(GetHealth())
        assert errors == []
        engine.may_answer.set()
        streams.close_all()
    assert asking.cancelled()


@asynchronous
async def test_stopping_sends_queued_messages() -> None:
    engine = FakeEngine()
    async with serving_engine(engine, FrameStreams()) as origin:
        async with linked(origin) as link:
            await until(lambda: link.health()["state"] == "connected")
            for number in range(10):
                link.send(chat(f"u{number}"))
        assert chats(engine) == [f"u{number}" for number in range(10)]


@asynchronous
async def test_stopping_without_an_engine_does_not_hang(caplog: pytest.LogCaptureFixture) -> None:
    link = HttpLink("demo", lambda: EngineEndpoint("http://127.0.0.1:1"), Secret(""), Clock())
    link.start(Frames().take, list)
    link.send(chat("u1"))
    await asyncio.wait_for(link.stop(), 60.0)
    assert "1 messages" in caplog.text


# --- streams -----------------------------------------------------------------------------------------------


@asynchronous
async def test_reports_a_gateway_lost_unless_it_reconnects() -> None:
    engine, streams = FakeEngine(), FrameStreams()
    async with peer(engine, streams) as http:
        async with http.get(FRAMES) as older:
            await older.content.readuntil(b"\n\n")
            async with http.get(FRAMES) as newer:
                await newer.content.readuntil(b"\n\n")
                assert await older.content.read() == b"", "the older one ends"
                assert engine.lost == []
                assert streams.push("d1", FeedFrame("u1", "proactive", "o1", "{}"))
                assert b'"o1"' in await newer.content.readuntil(b"\n\n")
        await until(lambda: engine.lost == ["d1"])
        assert not streams.push("d1", FeedFrame("u1", "proactive", "o2", "{}"))


@asynchronous
async def test_sends_keep_alives_on_a_quiet_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_side, "_HEARTBEAT_S", 0.01)
    async with peer(FakeEngine()) as http, http.get(FRAMES) as stream:
        assert b'"engine_id":"run 1"' in await stream.content.readuntil(b"\n\n")
        for _ in range(3):
            assert await stream.content.readuntil(b"\n\n") == b":\n\n"


def test_disconnects_a_gateway_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_streams, "_MAX_QUEUED_FRAMES", 2)
    streams = FrameStreams()
    queue = streams.open("d1")
    taken = [streams.push("d1", FeedFrame("u1", "proactive", f"o{n}", "{}")) for n in range(5)]
    assert taken == [True, True, True, False, False]
    assert queue.get_nowait() is None
    assert queue.empty()
    assert len(streams) == 0


@asynchronous
async def test_skips_offers_that_were_withdrawn_before_the_gateway_read_them() -> None:
    streams = FrameStreams()
    queue = streams.open("d1")
    for each in ("o1", "o2", "o3"):
        streams.push("d1", FeedFrame("u1", "proactive", each, "{}"))
    streams.push("d1", withdrawal("u1", "o2"))
    read = [await streams.next(queue) for _ in range(3)]
    assert [(each.id, each.is_withdrawal) for each in read if each] == [
        ("o1", False),
        ("o3", False),
        ("o2", True),
    ]
    streams.close_all()
    assert await streams.next(queue) is None


@asynchronous
async def test_releases_a_gateway_that_reconnects_while_the_engine_stops() -> None:
    streams = FrameStreams()
    async with peer(FakeEngine(), streams) as http:
        streams.close_all()
        async with http.get(FRAMES) as stream:
            await asyncio.wait_for(stream.content.read(), 60.0)
        assert len(streams) == 0


# --- with the engine itself --------------------------------------------------------------------------------

AUTOPLAY = """\
product_id: demo
courtesy: {min_interval: 0}
triggers:
  - {predicate: "example_bot.triggers:bulk_edit_opportunity", id: bulk, body: "Shall I?"}
database: {url: "%s"}
"""


@asynccontextmanager
async def real_engine(folder: Path, url: str = "sqlite:///autoplay.db", port: int = 0) -> AsyncIterator[Any]:
    file = folder / "autoplay.yml"
    file.write_text(AUTOPLAY % url, encoding="utf-8")
    streams = FrameStreams()
    engine = Engine(YamlFile(file), streams, Clock(T0 + 31))
    await engine.start()
    try:
        async with serving_engine(engine, streams, port=port) as origin:
            yield origin, engine
    finally:
        await engine.stop()


@asynchronous
async def test_story_continues_across_an_engine_restart(tmp_path: Path) -> None:
    frames = Frames()
    async with real_engine(tmp_path) as (origin, _engine):
        link = HttpLink("demo", lambda: EngineEndpoint(origin), Secret(""), Clock(T0 + 31))
        link.start(frames.take, lambda: frames.feeds)
        for at in (10, 20):
            link.send(Event(batch(save(at)), "capture"))
        await until(lambda: link.health().get("sent", 0) >= 2)
    async with real_engine(tmp_path, port=port_of(origin)):
        link.send(Event(batch(save(30)), "capture"))
        await until(lambda: frames.came)
    # The feed may have been reported again just then; it skips what it already received.
    (offer_id,) = {frame.id for frame in frames.came}
    assert msgspec.json.decode(frames.came[0].data)["trigger_id"] == "bulk"
    async with real_engine(tmp_path, port=port_of(origin)) as (_, engine):
        link.send(Event(batch(action("View", 30.5)), "capture"))
        await until(lambda: engine.health().get("actions", 0) == 4)
        health = (await link.ask(GetHealth())).health
        assert health["open_offers"] == 1, "the one that is known already"
        await link.stop()
    assert {frame.id for frame in frames.came} == {offer_id}


@asynchronous
async def test_reports_files_that_name_different_products(tmp_path: Path) -> None:
    async with real_engine(tmp_path) as (origin, _), linked(origin, product="other") as link:
        link.send(chat("u1"))
        await until(lambda: "must agree" in link.health().get("remedy", ""))


@asynchronous
async def test_resends_a_batch_that_the_engine_temporarily_rejects() -> None:
    engine = FakeEngine()
    engine.refuses = True
    async with serving_engine(engine, FrameStreams()) as origin, linked(origin) as link:
        link.send(chat("u1"))
        await until(lambda: "is stopping" in link.health().get("remedy", ""))
        engine.refuses = False
        await until(lambda: chats(engine) == ["u1"])


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
@asynchronous
async def test_in_memory_database_leaves_no_file(tmp_path: Path, url: str) -> None:
    async with real_engine(tmp_path, url) as (origin, engine), linked(origin) as link:
        with pytest.raises(EngineRefused):
            await link.ask(Acknowledge("x", "seen"))
        assert engine.health()["memory"] == {"state": "connected"}
    assert os.listdir(tmp_path) == ["autoplay.yml"]


@asynchronous
async def test_resolves_a_relative_database_beside_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    async with real_engine(tmp_path / "project"):
        pass
    assert "autoplay.db" in os.listdir(tmp_path / "project")
    assert os.listdir(tmp_path / "elsewhere") == []
