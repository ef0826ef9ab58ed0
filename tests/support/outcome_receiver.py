"""A receiver of outcomes that can misbehave: it refuses, hangs, lies, resets, or never stops talking."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

__all__ = ["OutcomeReceiver", "Received", "receiving"]


class Received(NamedTuple):
    """A request.

    Args:
        path: the request's path.
        headers: with lower-case names.
        body: as received.
    """

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        """The header ``webhook-id``; empty if there is none."""
        return self.headers.get("webhook-id", "")

    def decoded(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class OutcomeReceiver:
    """Answers each request according to its mood.

    The moods are a status such as ``200 OK`` (also with header lines after it), and ``hang``, ``cut off`` (it
    says 200 and stops within the body), ``endless``, ``reset`` and ``half a header``.
    """

    def __init__(self) -> None:
        self.mood = "200 OK"
        #: The body of each answer.
        self.say = "{}"
        #: The moods of the next requests, before ``mood``.
        self.next_moods: list[str] = []
        #: All requests, and those that were answered with 2xx.
        self.requests: list[Received] = []
        self.accepted: list[Received] = []
        #: The largest number of requests that were open at once.
        self.most_open = 0
        self._open = 0
        self._server: asyncio.base_events.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """The address for outcomes."""
        return f"http://127.0.0.1:{self.port}/hooks/autoplay?token=s3cret-word"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    def counts(self) -> Counter[str]:
        """Return how often each message was accepted, by its id."""
        return Counter(each.message_id for each in self.accepted)

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, and cut all connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer(reader, writer):
                pass
        self._tasks.discard(task)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        received = Received(head[0].split(" ")[1], headers, body)
        self.requests.append(received)
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        try:
            return await self._say(received, writer)
        finally:
            self._open -= 1

    async def _say(self, received: Received, writer: asyncio.StreamWriter) -> bool:
        mood = self.next_moods.pop(0) if self.next_moods else self.mood
        if mood == "hang":
            await asyncio.Event().wait()
        if mood == "reset":
            writer.transport.abort()
            return False
        if mood == "half a header":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
            await writer.drain()
            return False
        if mood == "cut off":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nall is")
            await writer.drain()
            return False
        if mood == "endless":
            self.accepted.append(received)
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.001)
        if mood.startswith("2"):
            self.accepted.append(received)
        status, _, more = mood.partition("\n")
        lines = [
            f"HTTP/1.1 {status}",
            f"Content-Length: {len(self.say)}",
            *([more] if more else []),
            "",
            self.say,
        ]
        writer.write("\r\n".join(lines).encode())
        await writer.drain()
        return True


@asynccontextmanager
async def receiving() -> AsyncIterator[OutcomeReceiver]:
    """Run a receiver."""
    receiver = OutcomeReceiver()
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()
