"""Connections that hang: half-sent headers, a stopped action server, an upstream that never answers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, deployed, signed
from support.hanging import relay_to
from support.run import asynchronous

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.gateway.access import connections
from rasa_autoplay.gateway.sources import stream as event_stream
from rasa_autoplay.gateway.sources.connector import AsyncConnectorClient
from rasa_autoplay.link.http import client as http_link

_HALF = b"GET /webhooks/autoplay/ HTTP/1.1\r\nHost: x\r\nX-Slow: "


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    """Return whether the server ends the connection, after any response."""
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), DEADLINE_S)
    return True


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "one byte after the other"])
@asynchronous
async def test_closes_a_connection_whose_header_never_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drips: bool
) -> None:
    monkeypatch.setattr(connections, "HEADER_S", 2.0)
    async with deployed(tmp_path) as deployment:
        port = urlsplit(deployment.origin).port
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]

        async def drip(writer: asyncio.StreamWriter) -> None:
            while not writer.is_closing():
                writer.write(b"x")
                await asyncio.sleep(0.2)

        for _, writer in opened:
            writer.write(_HALF)
        dripping = [asyncio.create_task(drip(writer)) for _, writer in opened if drips]
        stream = await deployment.listen("anna")
        begun = time.monotonic()
        closed = await asyncio.gather(*(_is_closed(reader) for reader, _ in opened))
        assert all(closed)
        assert time.monotonic() - begun < DEADLINE_S
        for task in dripping:
            task.cancel()
        await asyncio.gather(*dripping, return_exceptions=True)
        for _, writer in opened:
            writer.close()
        await deployment.send_story("anna")
        await stream.toast()  # an honest feed stays open


@asynchronous
async def test_a_stopped_action_server_blocks_no_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_link, "_SILENCE_S", 7.0)
    async with contextlib.AsyncExitStack() as stack:
        deployment = await stack.enter_async_context(deployed(tmp_path))
        port = int(urlsplit(deployment.engine_origin).port or 0)
        relay = await stack.enter_async_context(relay_to(port))
        deployment.agent.action_endpoint = SimpleNamespace(url=f"http://127.0.0.1:{relay.port}/webhook")
        await deployment.actions.kill()
        await deployment.actions.start()

        async def is_whole() -> bool:
            return bool(relay.connections and (await deployment.health())["link"]["state"] == "connected")

        await eventually(is_whole, within_s=DEADLINE_S, what="the link goes through the relay")
        relay.hang()
        begun = time.monotonic()
        status, answer = await deployment.request("GET", "/reply/anna?query=help", None, signed("anna"))
        took_s = time.monotonic() - begun
        assert status == 502
        assert "does not answer" in answer["error"]
        assert "stopped" in answer["remedy"]
        assert took_s < 20, f"it held the request for {took_s:.0f} s"

        async def is_told() -> dict[str, Any] | None:
            health = await deployment.health()
            return health if health["link"]["state"] != "connected" else None

        health = await eventually(is_told, within_s=DEADLINE_S, what="health says that the link is down")
        assert "does not answer" in health["link"]["remedy"]
        assert health["engine"]["state"] == "failed"
        assert "stopped" in health["engine"]["remedy"]
        relay.resume()
        await eventually(is_whole, within_s=DEADLINE_S, what="the link is there again")
        await deployment.check_still_serves()


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: text/ev"])
@asynchronous
async def test_reconnects_to_an_upstream_that_never_answers(says: bytes) -> None:
    asked: list[float] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(time.monotonic())
        writer.write(says)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = AsyncConnectorClient(
        f"http://127.0.0.1:{port}/stream/demo", "t", connect_timeout=0.3, initial_backoff_s=0.1, max_retries=2
    )
    with pytest.raises(AutoplayError, match="3 times"):
        await asyncio.wait_for(client.run(), DEADLINE_S)
    assert len(asked) == 3
    server.close()


@asynchronous
async def test_reconnects_to_an_upstream_that_falls_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_SILENCE_S", 0.3)
    asked: list[float] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(time.monotonic())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = AsyncConnectorClient(f"http://127.0.0.1:{port}/stream/demo", "t", initial_backoff_s=0.1)
    running = client.run_in_background()
    await eventually(lambda: len(asked) > 1, what="the stream is opened anew")
    client.stop()
    await running
    server.close()


@asynchronous
async def test_reports_that_no_model_is_loaded(tmp_path: Path) -> None:
    async with deployed(tmp_path) as deployment:
        deployment.app.ctx.agent = None
        status, answer = await deployment.request("GET", "/reply/anna?query=help", None, signed("anna"))
        assert status == 502
        assert answer["error"] == "The Rasa server has not loaded a model yet."
        assert "action_endpoint" not in answer["remedy"]
