"""The link alone: one engine, a gateway's link over HTTP and one in the same process, in turn."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sanic import Sanic

from benchmarks.figures import Figure, latency_figures
from benchmarks.project import PRODUCT_ID, write_project
from rasa_autoplay.engine.hosting.single import SingleEngine
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.http.client import HttpLink
from rasa_autoplay.link.http.endpoint import EngineEndpoint
from rasa_autoplay.link.http.server import link_blueprint
from rasa_autoplay.link.local.link import LocalLink
from rasa_autoplay.link.messages import Event, FeedInfo, FeedOpened
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["measure_links"]

_ROUNDS = 200
_BETWEEN_S = 0.05
_LONGEST_WAIT_S = 20.0
_PAGE = "https://app.example.com/projects/:id/edit"


async def measure_links() -> list[Figure]:
    """From handing the third save to the link until the frame with the offer is handed to the gateway."""
    with tempfile.TemporaryDirectory(prefix="autoplay-benchmark-") as folder:
        write_project(Path(folder), "http://127.0.0.1:9")
        sys.path.insert(0, folder)
        engine = SingleEngine(YamlFile(Path(folder) / "autoplay.yml"))
        await engine.start()
        try:
            async with _served(engine) as origin:
                over_http = HttpLink(PRODUCT_ID, lambda: EngineEndpoint(origin), Secret(""), time.time)
                in_process = LocalLink(PRODUCT_ID, engine.engine, engine.streams, time.time)
                return await _compare({"over HTTP": over_http, "in process": in_process})
        finally:
            await engine.stop()
            sys.path.remove(folder)


async def _compare(links: dict[str, Link]) -> list[Figure]:
    gateways = {name: _Gateway(link, name) for name, link in links.items()}
    for gateway in gateways.values():
        await gateway.start()
    times_s: dict[str, list[float]] = {name: [] for name in links}
    for number in range(_ROUNDS):
        for name, gateway in gateways.items():
            times_s[name].append(await gateway.tell_story(number))
    for gateway in gateways.values():
        await gateway.link.stop()
    return [
        figure
        for name, values in times_s.items()
        for figure in latency_figures(f"the link alone, {name}: save → offer", values, targets=False)
    ]


class _Gateway:
    """A gateway's end of the link, with one feed for each user."""

    def __init__(self, link: Link, name: str) -> None:
        self.link = link
        self._name = name.replace(" ", "-")
        self._feeds: list[FeedInfo] = []
        self._offered: dict[str, asyncio.Future[float]] = {}

    async def start(self) -> None:
        self.link.start(self._receive, lambda: self._feeds)
        while self.link.health()["state"] != "connected":  # noqa: ASYNC110 - a link has no event for it
            await asyncio.sleep(0.01)

    async def _receive(self, frame: FeedFrame) -> None:
        offered = self._offered.get(frame.user_id)
        if offered is not None and not offered.done():
            offered.set_result(time.perf_counter())

    async def tell_story(self, number: int) -> float:
        user_id = f"{self._name}-{number}"
        feed = FeedInfo(f"feed-{user_id}", user_id)
        self._feeds.append(feed)
        offered = self._offered[user_id] = asyncio.get_running_loop().create_future()
        self.link.send(FeedOpened(feed))
        for ago_s in (20.0, 10.0):
            self.link.send(_save(user_id, time.time() - ago_s))
        await asyncio.sleep(_BETWEEN_S)
        began = time.perf_counter()
        self.link.send(_save(user_id, time.time()))
        offered_at: float = await asyncio.wait_for(offered, _LONGEST_WAIT_S)
        return offered_at - began


def _save(user_id: str, at: float) -> Event:
    action = SlimAction(
        "Click Save changes", "Saved", _PAGE, type="click", timestamp_start=at, timestamp_end=at
    )
    return Event(ActionsPayload(PRODUCT_ID, f"s-{user_id}", user_id, None, [action]), "capture")


@asynccontextmanager
async def _served(engine: SingleEngine) -> AsyncIterator[str]:
    app = Sanic("benchmark_links", configure_logging=False)
    app.blueprint(link_blueprint(engine.engine, engine.streams, Secret("")))
    server = await app.create_server(
        "127.0.0.1", 0, return_asyncio_server=True, asyncio_server_kwargs={"start_serving": False}
    )
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    try:
        port = server.server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.before_stop()
        server.close()
        for connection in list(server.connections):
            connection.abort()
        await server.wait_closed()
        await server.after_stop()
