"""A TCP relay that can go silent, like a network or a server that hangs instead of refusing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Relay", "relay_to"]


class Relay:
    """Relays bytes to a port of this machine unless it hangs.

    Args:
        to_port: the target port.
    """

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.base_events.Server | None = None
        #: The number of connections so far.
        self.connections = 0

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def hang(self) -> None:
        """Relay nothing; connections stay open, and new ones are accepted."""
        self._speaks.clear()

    def resume(self) -> None:
        """Relay what has accumulated, and everything after it."""
        self._speaks.set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Close the relay."""
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
    """Run a relay to that port."""
    relay = Relay(port)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()
