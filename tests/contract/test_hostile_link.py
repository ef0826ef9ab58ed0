"""Whatever is sent to the action server's port: strangers gain no access, and the engine keeps running."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from support.damage import broken, damaged, encoded
from support.engine_parts import T0, Clock, batch, save
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.http import client as gateway_side
from rasa_autoplay.link.http.client import MAX_BATCH_BYTES, HttpLink
from rasa_autoplay.link.http.endpoint import LINK_HEADER, LINK_PATH, EngineEndpoint
from rasa_autoplay.link.http.server import link_blueprint
from rasa_autoplay.link.messages import (
    Batch,
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
)
from rasa_autoplay.link.request_decoder import REQUESTS
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

SECRET = "s3cret-word"
#: More seconds than anything here should take.
DEADLINE_S = 20.0
AUTOPLAY = """\
product_id: demo
triggers:
  - {predicate: "example_bot.triggers:bulk_edit_opportunity", id: bulk, body: "Shall I?"}
database: {url: "sqlite:///autoplay.db"}
"""
#: One of each kind.
MESSAGES: list[UpMessage] = [
    Event(batch(save(1)), "capture"),
    FeedOpened(FeedInfo("f1", "u1", "o1", languages=("de", "<b>"))),
    FeedClosed("f1", "u1"),
    FeedSnapshot([FeedInfo("f2", "u1")]),
    Delivered("o1", ["f1"], "u1"),
    ChatMessage("u1", "w1"),
    ChatDelivery("o1", 1, "failed", "w1", "no window"),
]
FIELDS: dict[str, Any] = {
    "details": 3,
    "text": "id: bulk\nbody: May I?\nwhen: {count: {title: save, at_least: 3}}\n",
    "base": "",
    "edit": {},
    "path": ["when", "count", "at_least"],
    "by": "Ann",
    "action": "pause",
    "who": "Ann",
    "why": "A test.",
    "session_ids": ["s1"],
    "languages": ["de-CH", "<b>", "x" * 99],
    "published": [1],
    "failed": [],
    "ids": ["msg_1"],
    "user_id": "u1",
    "offer_id": "o1",
    "event": "seen",
    "button": "show_me",
    "trigger_id": "bulk",
    "trigger": "bulk",
    "body": "May I?",
    "golden_path": "",
    "key": "key_1",
    "tour_id": "x",
    "query": "how?",
    "product_id": "demo",
    "top_k": 3,
    "limit": 3,
    "after": "options",
    "step": "",
    "outcome": "",
    "problem": "missing",
    "url": "",
    "session_id": "s1",
    "since": "30d",
    "watch_id": "w1",
    "state": "",
    "path_id": "",
    "step_id": "press",
    "columns": 3,
    "captured": {"title": "Click Save", "element_id": "save", "type": "click"},
    "draft": {"id": "save", "title": "Save", "steps": [{"id": "save", "text": "Press Save."}]},
    "draft_id": "draft_1",
    "proposal_id": "bulk-edit",
    "change": "mute",
    "topic": "trigger:bulk",
    "zone": "UTC",
    "begins": "",
    "ends": "",
    "user_ids": ["u1"],
    "version": "1",
}
#: Requests that this engine refuses: the studio may not write here, and no trigger takes offers from code.
REFUSALS = {
    "write_rule": "invalid",
    "write_draft": "invalid",
    "step_proposal": "invalid",
    "make_offer": "unprocessable",
}


class Peer:
    """A running engine on its port, and clients of that port."""

    def __init__(self, origin: str, engine: Engine, http: aiohttp.ClientSession) -> None:
        self.origin, self.engine = origin, engine
        self._http = http
        self._number = 1

    async def post(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        async with self._http.post(f"{LINK_PATH}/{path}", data=body) as response:
            return response.status, json.loads(await response.read())

    async def send(self, *messages: UpMessage, gateway: str = "good", first: int = 0) -> int:
        """Send a batch like a gateway."""
        number = first or self._number
        self._number = number + len(messages)
        made = Batch(gateway, "demo", self.engine.engine_id, number, list(messages))
        status, _ = await self.post("messages", msgspec.json.encode(made))
        await self.engine.finish_pending()
        return status

    async def story(self, user: str) -> str:
        """Send three saves of a user; return the resulting offer, or None."""
        saves = batch(save(10), save(20), save(30), user=user, session=f"s-{user}")
        assert await self.send(Event(saves, "capture")) == 200
        offer = self.engine._core.open_offers.of_user(user)
        return offer.offer_id if offer else ""


@asynccontextmanager
async def serving_engine(folder: Path, secret: str = "", **headers: str) -> AsyncIterator[Peer]:
    file = folder / "autoplay.yml"
    file.write_text(AUTOPLAY, encoding="utf-8")
    streams = FrameStreams()
    engine = Engine(YamlFile(file), streams, Clock(T0 + 31))
    await engine.start()
    app = fresh_app()
    app.blueprint(link_blueprint(engine, streams, Secret(secret)))
    try:
        async with serving(app) as origin, aiohttp.ClientSession(origin, headers=headers) as http:
            yield Peer(origin, engine, http)
    finally:
        streams.close_all()
        await engine.stop()


TRUSTED = {LINK_HEADER: "1"}


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("cases", [300, pytest.param(20_000, marks=pytest.mark.slow)])
@asynchronous
async def test_rejects_or_accepts_damaged_batches_and_keeps_serving(tmp_path: Path, cases: int) -> None:
    chance = random.Random(4)  # noqa: S311 - the same cases each time
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        engine_id = peer.engine.engine_id
        for number in range(cases):
            good = Batch(f"d{number % 7}", "demo", engine_id, number + 1, chance.sample(MESSAGES, 3))
            content = encoded(damaged(msgspec.to_builtins(good), chance))
            if chance.random() < 0.5:
                content = broken(content, chance)
            status, answer = await peer.post("messages", content)
            assert status in (200, 400, 409, 422), (status, answer, content)
            assert status in (200, 409) or msgspec.convert(answer, Refusal).error, answer
        assert await peer.story("somebody else")


@pytest.mark.parametrize("cases", [300, pytest.param(20_000, marks=pytest.mark.slow)])
@asynchronous
async def test_rejects_or_answers_damaged_requests_and_keeps_serving(
    tmp_path: Path, cases: int, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(5)  # noqa: S311 - the same cases each time
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        for _ in range(cases):
            named = chance.sample(sorted(FIELDS), chance.randint(0, 4))
            asked = {"type": chance.choice(sorted(REQUESTS)), **{name: FIELDS[name] for name in named}}
            content = encoded(damaged(asked, chance))
            if chance.random() < 0.3:
                content = broken(content, chance)
            status, answer = await peer.post("requests", content)
            assert status == 200, (status, answer, content)
            assert "refusal" not in answer or msgspec.convert(answer["refusal"], Refusal).error, answer
        assert await peer.story("somebody else")
        assert complaints(caplog) == []


@pytest.mark.parametrize(
    "name", ["__init__", "take", "stop", "gateway_lost", "..", "%2e%2e", "health%00", "endless"]
)
@asynchronous
async def test_link_has_no_other_routes(tmp_path: Path, name: str) -> None:
    name = "x" * 9_000 if name == "endless" else name
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        url = f"{peer.origin}{LINK_PATH}/{name}"
        async with aiohttp.ClientSession(headers=TRUSTED) as http, http.post(url, data=b"{}") as response:
            assert response.status in (400, 404, 413)
        assert await peer.story("u1")


@asynchronous
async def test_real_engine_answers_every_request(tmp_path: Path) -> None:
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        for tag, request_type in REQUESTS.items():
            fields = {name: FIELDS.get(name, 0.0) for name in request_type.__struct_fields__}
            status, answer = await peer.post("requests", json.dumps({"type": tag, **fields}).encode())
            assert status == 200
            expected = REFUSALS.get(tag, "not_found")
            assert not answer.get("refusal") or answer["refusal"]["kind"] == expected, (tag, answer)


@pytest.mark.parametrize("product", ["other", "demo"])
@asynchronous
async def test_gateway_retains_batches_that_the_engine_rejects(tmp_path: Path, product: str) -> None:
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        if product == "demo":
            await peer.engine.stop()
        refused = Batch("good", product, peer.engine.engine_id, 1, [ChatMessage("u1", "w1")])
        status, answer = await peer.post("messages", msgspec.json.encode(refused))
        assert status == 422, "with 400 and 413, the gateway drops the batch"
        assert answer["kind"] == ("forbidden" if product == "other" else "unavailable")


@asynchronous
async def test_resent_batch_changes_nothing(tmp_path: Path) -> None:
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        saves = Event(batch(save(10), save(20), save(30)), "capture")
        for _ in range(5):
            assert await peer.send(saves, FeedOpened(FeedInfo("f1", "u1")), first=1) == 200
        health = peer.engine.health()
        assert (health["actions"], health["offers"], health["feeds"]) == (3, 1, 1)
        assert health.get("duplicate_actions", 0) == 0, "it was known by its number"
        assert await peer.send(saves, gateway="another run of the gateway", first=1) == 200
        assert peer.engine.health()["offers"] == 1
        assert peer.engine.health()["duplicate_actions"] == 3


async def answered(origin: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """Return the status line for a request whose body never arrives, except for ``body``."""
    host, port = origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"POST {LINK_PATH}/{path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    writer.write("\r\n".join(lines).encode() + body)
    line = await asyncio.wait_for(reader.readline(), DEADLINE_S)
    writer.close()
    return line


@pytest.mark.parametrize(
    ("path", "length"),
    [("messages", MAX_BATCH_BYTES + 1), ("requests", (1 << 20) + 1), ("messages", 10**30)],
)
@asynchronous
async def test_rejects_a_body_over_the_limit(tmp_path: Path, path: str, length: int) -> None:
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        line = await answered(peer.origin, path, f"{LINK_HEADER}: 1", f"Content-Length: {length}")
        assert b" 413 " in line
        assert await peer.story("u1")


@asynchronous
async def test_rejects_a_chunked_body_over_the_limit(tmp_path: Path) -> None:
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        headers = (f"{LINK_HEADER}: 1", "Transfer-Encoding: chunked")
        assert b" 413 " in await answered(peer.origin, "requests", *headers, body=piece * 17)
        assert await peer.story("u1")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer wrong", "Bearer", f"Basic {SECRET}", f"Bearer {SECRET}x"]
)
@asynchronous
async def test_rejects_an_unauthenticated_request_before_reading_its_body(
    tmp_path: Path, authorization: str
) -> None:
    async with serving_engine(tmp_path, SECRET, **TRUSTED, Authorization=f"Bearer {SECRET}") as peer:
        said = [f"Authorization: {authorization}"] if authorization else []
        for path in ("messages", "requests"):
            headers = (f"{LINK_HEADER}: 1", "Content-Length: 1000000", *said)
            assert b" 401 " in await answered(peer.origin, path, *headers)
        assert peer.engine.health()["sessions"] == 0
        assert await peer.story("u1")


@asynchronous
async def test_many_slow_bodies_do_not_block_other_requests(tmp_path: Path) -> None:
    async with serving_engine(tmp_path, **TRUSTED) as peer:
        host, port = peer.origin.removeprefix("http://").split(":")
        writers = []
        for _ in range(600):
            _, writer = await asyncio.open_connection(host, int(port))
            lines = [f"POST {LINK_PATH}/messages HTTP/1.1", "Host: localhost", f"{LINK_HEADER}: 1"]
            writer.write("\r\n".join([*lines, "Content-Length: 900", "", "{"]).encode())
            writers.append(writer)
        assert await asyncio.wait_for(peer.story("u1"), DEADLINE_S)
        for writer in writers:
            writer.close()


@asynchronous
async def test_splits_what_is_too_large_for_one_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_side, "MAX_BATCH_BYTES", 2_000)

    async def nothing(_frame: FeedFrame) -> None:
        return None

    async with serving_engine(tmp_path) as peer:
        link = HttpLink("demo", lambda: EngineEndpoint(peer.origin), Secret(""), Clock(T0 + 31))
        for number in range(50):
            link.send(ChatMessage(f"u{number}", "w1"))
        link.send(ChatMessage("u" * 3_000, "w1"))
        link.send(ChatMessage("last", "w1"))
        link.start(nothing, list)
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        while peer.engine.health().get("chat_without_session", 0) < 51:
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)
        assert link.health()["refused"] == 1, "the one that is too large alone"
        await link.stop()
