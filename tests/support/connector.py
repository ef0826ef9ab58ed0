"""A stand-in for the vendor's connector: an SSE stream behind a bearer token, with a real one's faults."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from support.background import eventually
from support.processes import free_port

__all__ = ["Connector"]


class Connector:
    """Serves ``/stream/demo`` and holds frames while no client is connected.

    Args:
        token: the only token that it accepts.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.port = free_port()
        #: Answer every request with this status instead of a stream.
        self.refusal: int | None = None
        self.requests = 0
        self.wrong_tokens = 0
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._open: list[web.Request] = []
        self._runner: web.AppRunner | None = None
        self._may_send = asyncio.Event()
        self._may_send.set()

    @property
    def url(self) -> str:
        """The stream's URL."""
        return f"http://127.0.0.1:{self.port}/stream/demo"

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get("/stream/demo", self._stream)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def close(self) -> None:
        """Close the server."""
        self.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if self.refusal is not None:
            return web.Response(status=self.refusal)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            self.wrong_tokens += 1
            return web.Response(status=401)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self._open.append(request)
        try:
            while True:
                frame = await self._frames.get()
                try:
                    await self._may_send.wait()
                    await response.write(frame)
                except BaseException:
                    self._frames.put_nowait(frame)
                    raise
        finally:
            self._open.remove(request)

    def send(self, *payloads: object) -> None:
        """Send each as the JSON of one frame."""
        for payload in payloads:
            self.send_text(json.dumps(payload))

    def send_text(self, data: str, event: str = "") -> None:
        """Send a frame with arbitrary data."""
        head = f"event: {event}\n" if event else ""
        self._frames.put_nowait(f"{head}data: {data}\n\n".encode())

    def send_heartbeat(self) -> None:
        """Send a heartbeat, which keeps the stream alive and carries nothing."""
        self.send_text(json.dumps({"type": "heartbeat"}), event="heartbeat")

    def drop(self) -> None:
        """Break every connection without a closing handshake."""
        for request in list(self._open):
            if request.transport is not None:
                request.transport.abort()

    def hang_up(self) -> None:
        """End every connection in good order; unsent frames are held for the next one."""
        for request in list(self._open):
            if request.transport is not None:
                request.transport.close()

    def pause(self) -> None:
        """Send nothing until :meth:`resume`; connections stay open."""
        self._may_send.clear()

    def resume(self) -> None:
        """Send the frames that have accumulated."""
        self._may_send.set()

    async def connected(self) -> None:
        """Wait until a client is connected."""
        await eventually(lambda: bool(self._open), what="the stream is subscribed to")

    async def disconnected(self) -> None:
        """Wait until no client is connected."""
        await eventually(lambda: not self._open, what="the subscriber has gone")

    async def drained(self) -> None:
        """Wait until every frame has been sent."""
        await eventually(self._frames.empty, what="all frames are sent")
