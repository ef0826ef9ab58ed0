"""A chat client that sends arbitrary packets, unlike a chat widget."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import engineio

from support.background import eventually

__all__ = ["RawSocket", "raw_socket"]


class RawSocket:
    """An engine.io connection without Socket.IO on top."""

    def __init__(self) -> None:
        self._client = engineio.AsyncClient()
        #: Received packets as text: Socket.IO packets such as ``42["bot_uttered",…]`` without the leading 4.
        self.received: list[str] = []
        self.is_open = False
        self._client.on("message", self._receive)
        self._client.on("disconnect", self._close)

    def _receive(self, data: Any) -> None:
        self.received.append(data if isinstance(data, str) else json.dumps(data))

    def _close(self, *_reason: Any) -> None:
        self.is_open = False

    async def open(self, origin: str, transport: str, query: str = "", address: str = "") -> None:
        """Connect; raises python-engineio's ``ConnectionError`` if the server refuses.

        Args:
            origin: the server's origin.
            transport: ``polling`` or ``websocket``.
            query: the query of the URL.
            address: the client's address in the proxy's header; the server must expect a proxy.
        """
        await self._client.connect(
            f"{origin}?{query}" if query else origin,
            headers={"X-Forwarded-For": address} if address else {},
            transports=[transport],
            engineio_path="socket.io",
        )
        self.is_open = True

    async def close(self) -> None:
        """Close the connection."""
        await self._client.disconnect(abort=True)

    async def send(self, packet: str | bytes) -> None:
        """Send a Socket.IO packet unchanged."""
        if self.is_open:
            await self._client.send(packet)

    async def emit(self, *event: Any) -> None:
        """Send an event."""
        await self.send(f"2{json.dumps(event)}")

    async def enter(self, token: str = "") -> None:
        """Connect to the namespace, and wait for the server's response."""
        before = len(self.received)
        await self.send("0" + (json.dumps({"token": token}) if token else ""))
        await eventually(lambda: len(self.received) > before, what="an answer to CONNECT")

    @property
    def is_in(self) -> bool:
        """Whether the last attempt to connect to the namespace succeeded."""
        answers = [packet for packet in self.received if packet[:1] in ("0", "4")]
        return bool(answers) and answers[-1][0] == "0"

    def events(self, name: str) -> list[Any]:
        """Return the payloads of events with that name."""
        events = [json.loads(packet[1:]) for packet in self.received if packet.startswith("2[")]
        return [event[1] for event in events if event[0] == name]

    async def session(self, session_id: str) -> str:
        """Request a chat session; return the one that the server confirms."""
        before = len(self.events("session_confirm"))
        await self.emit("session_request", {"session_id": session_id})
        await eventually(lambda: len(self.events("session_confirm")) > before, what="a session")
        return str(self.events("session_confirm")[-1])

    async def ended(self, within_s: float = 30.0) -> None:
        """Wait until the server ends the connection."""
        await eventually(lambda: not self.is_open, within_s=within_s, what="the server ends the socket")


@asynccontextmanager
async def raw_socket(
    origin: str, transport: str = "websocket", query: str = "", address: str = ""
) -> AsyncIterator[RawSocket]:
    """Open a connection while the context lasts."""
    socket = RawSocket()
    await socket.open(origin, transport, query, address)
    try:
        yield socket
    finally:
        await asyncio.wait_for(socket.close(), 30)
