"""The doctor times a feed's first byte, and tells a proxy that buffers from a server that does not answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from support.deployment import BASE, JWT_KEY, deployed
from support.reverse_proxy import ReverseProxy
from support.run import asynchronous

from rasa_autoplay.tools.doctor import feed_timing
from rasa_autoplay.tools.doctor.feed_timing import FeedTiming, time_feed
from rasa_autoplay.tools.doctor.project import read_project


async def timed(origin: str, folder: Path, jwt_key: str = JWT_KEY) -> FeedTiming:
    """Time a feed as the doctor does, with the key of the project's files."""
    section = f"rasa_autoplay.channel.AutoplayInput:\n  jwt_key: {jwt_key}\n"
    (folder / "credentials.yml").write_text(section, encoding="utf-8")
    project = read_project(folder, python=(3, 10), packages={}, environment={})
    return await asyncio.get_running_loop().run_in_executor(None, time_feed, f"{origin}{BASE}/", project)


@asynchronous
async def test_finds_the_proxy_that_holds_streams_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_timing, "_PATIENCE_S", 3.0)
    async with deployed(tmp_path) as made:
        direct = await timed(made.origin, tmp_path)
        assert direct.stream_s is not None
        assert direct == FeedTiming(direct.stream_s)
        async with ReverseProxy(made.origin, "/bot").serving() as base:
            assert (await timed(base, tmp_path)).stream_s is not None
        async with ReverseProxy(made.origin, "/bot", buffers=True).serving() as base:
            held = await timed(base, tmp_path)
        assert held.stream_s is None
        assert held.short_s is not None
        assert held.short_s >= 1.0
        assert (await timed(made.origin, tmp_path, "another-key-" + "k" * 40)).refusal == 401
        assert (await timed(made.origin, tmp_path, "${NOT_SET_ANYWHERE}")).refusal == 401


@asynchronous
async def test_ends_when_the_server_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_timing, "_PATIENCE_S", 0.3)

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await timed(f"http://127.0.0.1:{port}", tmp_path) == FeedTiming()
    server.close()


@asynchronous
async def test_shows_the_token_to_no_other_server(tmp_path: Path) -> None:
    elsewhere = ReverseProxy("http://127.0.0.1:1")
    async with elsewhere.serving() as other:

        def redirect(_request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": other})

        async with ReverseProxy("", answer=redirect).serving() as base:
            assert await timed(base, tmp_path) == FeedTiming(refusal=302)
    assert elsewhere.seen == []
