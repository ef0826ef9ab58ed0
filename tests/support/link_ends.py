"""Both ends of an HTTP link: a stand-in for the engine, and the frames that a gateway receives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.http.server import link_blueprint
from rasa_autoplay.link.messages import Batch, BatchAnswer, FeedInfo, UpMessage
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.settings.secret import Secret
from support.sanic_server import fresh_app, serving
from support.stand_in_link import ANSWERS

__all__ = ["FakeEngine", "Frames", "serving_engine", "until"]


class FakeEngine:
    """Accepts messages, and answers as configured."""

    def __init__(self, engine_id: str = "run 1") -> None:
        self.engine_id = engine_id
        self.taken: list[UpMessage] = []
        self.lost: list[str] = []
        self.asked: list[EngineRequest[Any]] = []
        self.something = asyncio.Event()
        self.refuses = False

    async def apply_batch(self, batch: Batch) -> BatchAnswer:
        if self.refuses:
            raise EngineRefused("unavailable", "the engine is stopping")
        if batch.engine_id == self.engine_id:
            self.taken += batch.messages
            self.something.set()
        return BatchAnswer(self.engine_id, 300.0)

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        self.asked.append(request)
        return ANSWERS[type(request)]

    def gateway_lost(self, gateway_id: str) -> None:
        self.lost.append(gateway_id)
        self.something.set()


class Frames:
    """The frames that the gateway received, and the feeds that it reports."""

    def __init__(self) -> None:
        self.came: list[FeedFrame] = []
        self.feeds = [FeedInfo("f1", "u1")]

    async def take(self, frame: FeedFrame) -> None:
        self.came.append(frame)


async def until(check: Callable[[], object]) -> None:
    async def watch() -> None:
        while not check():  # noqa: ASYNC110 - what is watched is on the other side of a socket
            await asyncio.sleep(0.002)

    await asyncio.wait_for(watch(), 60.0)


@asynccontextmanager
async def serving_engine(
    engine: Any, streams: FrameStreams, secret: str = "", port: int = 0
) -> AsyncIterator[str]:
    app = fresh_app()
    app.blueprint(link_blueprint(engine, streams, Secret(secret)))
    async with serving(app, port) as origin:
        try:
            yield origin
        finally:
            streams.close_all()
