"""Many open toast feeds, each of which costs this process only a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

__all__ = ["Feed", "open_feeds"]

#: Connections opened at once: more would overflow the server's accept queue.
_AT_ONCE = 50
_LONGEST_OPENING_S = 300.0
_PAUSE_S = 0.5


class Feed:
    """A connection to the feed of one user.

    Args:
        gateway_url: the base of the channel's routes.
        user_id: the feed's user.
        source: the address to connect from. One address has ports for about 28,000 connections to a server.
    """

    def __init__(self, gateway_url: str, user_id: str, source: str = "127.0.0.1") -> None:
        self.user_id = user_id
        self._source = source
        self._url = urlsplit(gateway_url)
        self._last_offer_id = ""
        #: Ids of the received offers, over all connections.
        self.offer_ids: list[str] = []
        self._arrived = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect and start reading; like a browser, send the id of the last offer."""
        reader, writer = await asyncio.open_connection(
            self._url.hostname, self._url.port, limit=2**14, local_addr=(self._source, 0)
        )
        last = f"Last-Event-ID: {self._last_offer_id}\r\n" if self._last_offer_id else ""
        path = f"{self._url.path}/proactive/stream/{self.user_id}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._url.netloc}\r\n{last}\r\n".encode())
        status = await asyncio.wait_for(reader.readline(), _LONGEST_OPENING_S)
        assert b" 200 " in status, status
        while await reader.readline() != b": connected\n":
            assert not reader.at_eof()
        self._writer = writer
        self._reading = asyncio.get_running_loop().create_task(self._read(reader))

    async def keep_open(self) -> None:
        """Reconnect whenever the connection ends, like a browser, until cancelled."""
        while True:
            try:
                await self.open()
                assert self._reading is not None
                await self._reading
            except (OSError, AssertionError, asyncio.TimeoutError):
                pass  # the server is not running or not ready yet
            await asyncio.sleep(_PAUSE_S)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"id:"):
                self._last_offer_id = line[3:].strip().decode()
                self.offer_ids.append(self._last_offer_id)
                self._arrived.set()

    async def offer(self) -> None:
        """Wait until an offer has been received."""
        await self._arrived.wait()

    async def cut(self) -> None:
        """Close the connection abruptly."""
        assert self._writer is not None
        assert self._reading is not None
        self._reading.cancel()
        self._writer.transport.abort()
        await asyncio.gather(self._reading, return_exceptions=True)


async def open_feeds(feeds: Sequence[Feed]) -> None:
    """Open all of them as fast as the server accepts them."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def open_one(feed: Feed) -> None:
        async with gate:
            await feed.open()

    await asyncio.gather(*map(open_one, feeds))
