"""A TCP relay that can go silent: what a network or a server does that hangs instead of refusing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Relay", "relay_to"]


class Relay:
    """Passes bytes on to a port of this machine, while it is not silent.

    Args:
        to_port: where to.
    """

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.base_events.Server | None = None
        #: How many connections there were so far.
        self.connections = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def hang(self) -> None:
        """Pass nothing on; connections stay open, and new ones are still accepted."""
        self._speaks.clear()

    def go_on(self) -> None:
        """Pass on what has gathered, and all that comes."""
        self._speaks.set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Hang up."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there: asyncio.StreamWriter | None = None
        with contextlib.suppress(OSError, asyncio.CancelledError):
            back, there = await asyncio.open_connection("127.0.0.1", self._to_port)
            await asyncio.gather(self._pass_on(reader, there), self._pass_on(back, writer))
        for each in (writer, there):
            if each is not None:
                each.close()
        self._tasks.discard(task)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            await self._speaks.wait()
            sink.write(data)
            await sink.drain()
        await self._speaks.wait()
        sink.close()


@asynccontextmanager
async def relay_to(port: int) -> AsyncIterator[Relay]:
    """A relay to that port, which runs."""
    relay = Relay(port)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()
