"""Two gateways with all routes and two engines share a Redis server: any gateway handles any request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from rasa.core.channels.channel import UserMessage
from support.redis_server import RedisServer
from support.run import asynchronous
from support.sanic_server import fresh_app, serving
from support.shared_engines import an_engine, eventually, write_autoplay
from support.stories import story_of_user

from rasa_autoplay.channel import AutoplayInput
from rasa_autoplay.settings.yaml_file import YamlFile

BASE = "/webhooks/autoplay"
USERS = [f"user-{number}" for number in range(6)]


async def _nothing(_message: UserMessage) -> None:
    """No chat here."""


@asynccontextmanager
async def a_gateway(server: RedisServer, workers: int = 1, **more: Any) -> AsyncIterator[str]:
    """Serve the channel like Rasa; return the routes' URL."""
    app = fresh_app()
    app.ctx.agent, app.ctx.input_channels = None, []
    credentials = {"product_id": "demo", "identity": "none", "capture": True, **more}
    channel = AutoplayInput.from_credentials({**credentials, "shared": {"redis": server.url}})
    app.blueprint(channel.blueprint(_nothing), url_prefix=BASE)
    app.register_listener(lambda app, _loop: setattr(app.state, "workers", workers), "before_server_start")
    async with serving(app) as origin:
        yield f"{origin}{BASE}"


async def health(http: aiohttp.ClientSession, gateway: str) -> dict[str, Any]:
    async with http.get(f"{gateway}/") as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def post(http: aiohttp.ClientSession, url: str, body: object) -> tuple[int, Any]:
    async with http.post(url, json=body) as response:
        return response.status, await response.json()


async def toast_at(
    http: aiohttp.ClientSession, gateway: str, user: str, is_open: asyncio.Event
) -> dict[str, Any]:
    """Listen at that gateway until the toast arrives."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with http.get(f"{gateway}/proactive/stream/{user}", timeout=timeout) as stream:
        assert stream.status == 200
        async for raw in stream.content:
            is_open.set()
            if raw.startswith(b"data:"):
                toast: dict[str, Any] = json.loads(raw.removeprefix(b"data:"))
                return toast
    raise AssertionError("the stream has ended")


async def lives(http: aiohttp.ClientSession, gateway: str, user: str) -> None:
    """Edit three projects, one after another."""
    email = f"{user}@example.com"
    for request in story_of_user("edit_three_projects", user_id=user, session_id=f"ps-{user}", email=email):
        if request.is_capture:
            url = f"{gateway}/capture{request.path}?{request.query}"
            async with http.post(url, data=request.body, headers={"Content-Type": request.content_type}) as r:
                assert r.status == 200


@asynchronous
async def test_any_gateway_handles_any_request(tmp_path: Path, redis_server: RedisServer) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with (
        an_engine(file),
        an_engine(file),
        a_gateway(redis_server) as one,
        a_gateway(redis_server) as two,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
    ):

        async def both_serve() -> bool:
            engines = (await health(http, one))["engine"].get("engines", {})
            return [engine["partitions"] for engine in engines.values()] == [8, 8]

        await eventually(both_serve)
        opened = [asyncio.Event() for _ in USERS]
        listening = [
            asyncio.ensure_future(toast_at(http, two, user, is_open))
            for user, is_open in zip(USERS, opened, strict=True)
        ]
        await asyncio.wait_for(asyncio.gather(*(each.wait() for each in opened)), 30)
        for user in USERS:
            await lives(http, one, user)
        for user, toast in zip(USERS, await asyncio.gather(*listening), strict=True):
            receipt = {"offer_id": toast["offer_id"], "event": "rendered"}
            assert await post(http, f"{one}/proactive/ack", receipt) == (200, {"status": "ok"})
            asked = {"user_id": user, "tour_id": toast["tours"][0]["id"]}
            status, answer = await post(http, f"{one}/tour/start", asked)
            assert (status, answer["status"]) == (200, "ok")
            assert await post(http, f"{two}/tour/step", {"user_id": user}) == (200, {"status": "ok"})
            asked = {"user_id": "somebody else", "offer_id": toast["offer_id"], "event": "seen"}
            assert (await post(http, f"{two}/proactive/ack", asked))[0] == 404


@asynchronous
async def test_any_engine_explains_what_another_has_recorded(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    file.path.write_text(file.path.read_text("utf-8") + "recording: {keep: 7d}\n", "utf-8")
    key = {"Authorization": "Bearer the-key-of-the-operators"}
    async with (
        an_engine(YamlFile(file.path)),
        an_engine(YamlFile(file.path)),
        a_gateway(redis_server, admin_key="the-key-of-the-operators") as gateway,
        aiohttp.ClientSession(headers=key) as http,
    ):

        async def read(path: str, user: str) -> dict[str, Any]:
            async with http.get(f"{gateway}/{path}session=ps-{user}") as response:
                answer: dict[str, Any] = await response.json()
                return answer if response.status == 200 else {"status": response.status}

        for user in USERS:
            await lives(http, gateway, user)
        for user in USERS:

            async def is_recorded(user: str = user) -> bool:
                timeline = await read(f"recordings/demo/{user}?", user)
                return "offered" in [each["outcome"] for each in timeline.get("decisions", ())]

            await eventually(is_recorded)
            # A request about the past goes to any engine.
            told = [await read(f"explain/{user}?", user) for _ in range(6)]
            assert all(each["replay"]["agrees"] for each in told), told
            assert {each["headline"]["trigger_id"] for each in told} == {"bulk_edit_opportunity"}
            assert (await read(f"nearness/demo/{user}?columns=10&", user))["replay"]["agrees"]


@asynchronous
async def test_supports_several_rasa_workers(redis_server: RedisServer) -> None:
    async with a_gateway(redis_server, workers=2) as gateway, aiohttp.ClientSession() as http:

        async def is_linked() -> bool:
            link = (await health(http, gateway))["link"]
            return (link["type"], link["state"]) == ("redis", "connected")

        await eventually(is_linked)
        told = (await health(http, gateway))["engine"]
        assert "rasa run actions" in told["remedy"]


@asynchronous
async def test_the_studio_accepts_a_session_everywhere_and_a_ticket_once(redis_server: RedisServer) -> None:
    key = "key-of-the-operators-0123"
    studio = {"X-Autoplay-Studio": "1", "Sec-Fetch-Site": "same-origin"}
    async with (
        a_gateway(redis_server, admin_key=key) as here,
        a_gateway(redis_server, admin_key=key) as there,
        aiohttp.ClientSession() as http,
    ):
        with_key = {"Authorization": f"Bearer {key}"}
        async with http.post(f"{here}/studio/ticket", json={}, headers=with_key) as response:
            ticket = (await response.json())["ticket"]
        async with http.post(f"{there}/studio/sign-in", json={"ticket": ticket}, headers=studio) as response:
            assert response.status == 200, "another server than the one that made the ticket"
            cookie = response.headers["Set-Cookie"].partition(";")[0]
        for gateway in (here, there):
            async with http.post(
                f"{gateway}/studio/sign-in", json={"ticket": ticket}, headers=studio
            ) as response:
                assert response.status == 401
            signed_in = {**studio, "Cookie": cookie}
            async with http.post(f"{gateway}/studio/session", json={}, headers=signed_in) as response:
                assert (await response.json())["signed_in"] is True
