"""A stand-in for the vendor's connector: an SSE stream on this machine."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any

import msgspec
from aiohttp import web

from benchmarks.project import TOKEN

__all__ = ["Connector"]

_HEARTBEAT_S = 15.0


class Connector:
    """A server with one stream that sends every batch to every subscriber; a context manager.

    While there is no subscriber it holds its batches, like the vendor's connector.
    """

    def __init__(self) -> None:
        self._subscribers: set[web.StreamResponse] = set()
        self._held: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode
        app = web.Application()
        app.router.add_get("/stream/demo", self._stream)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._port = 0

    @property
    def url(self) -> str:
        """The stream's URL."""
        return f"http://127.0.0.1:{self._port}/stream/demo"

    async def __aenter__(self) -> Connector:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def send(self, *batches: dict[str, Any]) -> float:
        """Send batches; returns the time just before they were written (``time.perf_counter``)."""
        frames = b"".join(b"data: " + self._encode(batch) + b"\n\n" for batch in batches)
        began_at = time.perf_counter()
        took = [await self._write(subscriber, frames) for subscriber in list(self._subscribers)]
        if not any(took):
            self._held.append(frames)
        return began_at

    async def _write(self, subscriber: web.StreamResponse, frames: bytes) -> bool:
        """Write frames; return False when the subscriber has disconnected."""
        try:
            await subscriber.write(frames)
        except ConnectionError:
            self._subscribers.discard(subscriber)
            return False
        return True

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self._subscribers.add(response)
        held, self._held = self._held, []
        try:
            for frames in held:
                await response.write(frames)
            while True:
                await response.write(b"event: heartbeat\ndata: {}\n\n")
                await asyncio.sleep(_HEARTBEAT_S)
        except ConnectionError:
            return response
        finally:
            self._subscribers.discard(response)
