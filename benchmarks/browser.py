"""One user's browser tab: it sends the user's events, and receives toasts."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp

from example_bot.recording import Recorded

__all__ = ["Browser", "Sent", "Toast", "browser_connections"]

_ORIGIN = "http://127.0.0.1"


@dataclass(frozen=True)
class Toast:
    """An event of the feed.

    Args:
        at: when it was read (``time.perf_counter``).
        offer: the parsed offer.
    """

    at: float
    offer: dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """When a request was sent and when its response arrived (``time.perf_counter``)."""

    began_at: float
    answered_at: float


def browser_connections() -> aiohttp.ClientSession:
    """Open an unlimited connection pool for all browsers while the context lasts."""
    # Sanic closes an idle connection after 5 s; the pool drops connections earlier, before they go stale.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None))


class Browser:
    """A tab with an open toast feed while the context lasts.

    Args:
        http: the pool of :func:`browser_connections`.
        gateway_url: the base of the channel's routes.
        user_id: the feed's user.
    """

    def __init__(self, http: aiohttp.ClientSession, gateway_url: str, user_id: str) -> None:
        self.user_id = user_id
        self.toasts: list[Toast] = []
        self._http = http
        self._gateway_url = gateway_url
        self._arrived = asyncio.Event()
        self._opened = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Browser:
        self._reading = asyncio.get_running_loop().create_task(self._read_feed())
        await asyncio.wait_for(self._opened.wait(), 30)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._reading is not None
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read_feed(self) -> None:
        async with self._http.get(f"{self._gateway_url}/proactive/stream/{self.user_id}") as response:
            async for line in response.content:
                at = time.perf_counter()
                self._opened.set()
                if line.startswith(b"data:"):
                    self.toasts.append(Toast(at, json.loads(line[5:])))
                    self._arrived.set()

    async def send(self, request: Recorded) -> Sent:
        """Send a recorded posthog-js request."""
        url = f"{self._gateway_url}/capture{request.path}?{request.query}"
        headers = {"content-type": request.content_type, "origin": _ORIGIN}
        began_at = time.perf_counter()
        async with self._http.post(url, data=request.body, headers=headers) as response:
            await response.read()
            answered_at = time.perf_counter()
            response.raise_for_status()
        return Sent(began_at, answered_at)

    async def tell(self, offer: dict[str, Any], event: str) -> None:
        """Send a receipt."""
        receipt = {"offer_id": offer["offer_id"], "event": event}
        async with self._http.post(f"{self._gateway_url}/proactive/ack", json=receipt) as response:
            response.raise_for_status()

    async def toast(self, timeout_s: float) -> Toast:
        """Return the first toast.

        Raises:
            asyncio.TimeoutError: none arrived in time.
        """
        await asyncio.wait_for(self._arrived.wait(), timeout_s)
        return self.toasts[0]
