"""This program acts as a user's browser: capture, toast feed, receipts, tours."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp

from example_bot.demo.options import NOT_RUNNING, DemoFailed
from example_bot.recording import Recorded
from rasa_autoplay.common.http.sse import SseDecoder

__all__ = ["Browser", "Feed", "Toast"]

_CALL_S = 15.0


@dataclass(frozen=True)
class Toast:
    """A toast from the feed.

    Args:
        event: the event's name.
        data: the offer.
        at: when it arrived, on the monotonic clock.
    """

    event: str
    data: dict[str, Any]
    at: float

    @property
    def body(self) -> str:
        """The toast's text."""
        return str(self.data.get("body") or "")

    @property
    def tour(self) -> Mapping[str, Any]:
        """The id of the first tour that it offers; empty without one."""
        tours = self.data.get("tours") or [{}]
        return tours[0]  # type: ignore[no-any-return]


class Feed:
    """One open toast feed."""

    def __init__(self) -> None:
        self._toasts: asyncio.Queue[Toast] = asyncio.Queue()

    async def read(self, response: aiohttp.ClientResponse) -> None:
        """Receive toasts until the stream ends."""
        decoder = SseDecoder()
        async for chunk in response.content.iter_any():
            at = time.perf_counter()
            for event in decoder.feed(chunk):
                self._toasts.put_nowait(Toast(event.event, json.loads(event.data), at))

    async def toast(self, timeout_s: float) -> Toast:
        """The next toast.

        Raises:
            DemoFailed: none arrived in time.
        """
        try:
            return await asyncio.wait_for(self._toasts.get(), timeout_s)
        except asyncio.TimeoutError:
            raise DemoFailed(f"no toast came off the feed within {timeout_s:.0f} s") from None

    @property
    def unread(self) -> int:
        """The number of toasts that were received and not read."""
        return self._toasts.qsize()


class Browser:
    """Uses the autoplay channel like a page.

    Args:
        gateway_url: the base of the channel's routes.
    """

    def __init__(self, gateway_url: str) -> None:
        self._url = gateway_url

    async def __aenter__(self) -> Browser:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_CALL_S))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def health(self) -> dict[str, Any]:
        """Return ``GET /``."""
        return await self._json("GET", "/")

    async def post(self, path: str, **body: str) -> dict[str, Any]:
        """Post a JSON object.

        Raises:
            DemoFailed: the status is not 200.
        """
        return await self._json("POST", path, json=body)

    async def studio_link(self, admin_key: str) -> str:
        """Return a link that opens the studio signed in, once, within the next hour.

        Raises:
            DemoFailed: the status is not 200.
        """
        headers = {"Authorization": f"Bearer {admin_key}"}
        answer = await self._json("POST", "/studio/ticket", json={"expires_in_s": 3600}, headers=headers)
        return f"{self._url}/studio#ticket={answer['ticket']}"

    async def capture(self, recorded: Recorded) -> None:
        """Send one recorded request like posthog-js.

        Raises:
            DemoFailed: the status is not 200.
        """
        path = f"/capture{recorded.path}" + (f"?{recorded.query}" if recorded.query else "")
        headers = {"Content-Type": recorded.content_type}
        await self._json("POST", path, data=recorded.body, headers=headers)

    async def capture_json(self, content: dict[str, Any]) -> None:
        """Send a request of posthog-js that is not compressed.

        Raises:
            DemoFailed: the status is not 200.
        """
        await self._json("POST", "/capture/e/", json=content)

    async def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            async with self._http.request(method, self._url + path, **request) as response:
                answer = await response.json(content_type=None)
        except aiohttp.ClientConnectorError:
            raise DemoFailed(f"Nothing answers at {self._url}.", remedy=NOT_RUNNING) from None
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as problem:
            reason = str(problem) or type(problem).__name__
            raise DemoFailed(f"{method} {self._url}{path}: {reason}") from None
        if response.status != 200:
            raise DemoFailed(f"{method} {path} was answered with {response.status}: {answer}")
        return dict(answer)

    @asynccontextmanager
    async def feed(self, user_id: str) -> AsyncIterator[Feed]:
        """Open a user's toast feed.

        Raises:
            DemoFailed: it cannot be opened.
        """
        url = f"{self._url}/proactive/stream/{user_id}"
        forever = aiohttp.ClientTimeout(total=None, sock_connect=_CALL_S)
        try:
            response = await self._http.get(url, timeout=forever)
        except (aiohttp.ClientError, asyncio.TimeoutError) as problem:
            raise DemoFailed(f"GET {url}: {problem}") from None
        async with response:
            if response.status != 200:
                raise DemoFailed(f"GET {url} was answered with {response.status}")
            feed = Feed()
            reading = asyncio.get_running_loop().create_task(feed.read(response))
            try:
                yield feed
            finally:
                reading.cancel()
                with suppress(asyncio.CancelledError, aiohttp.ClientError, ValueError):
                    await reading
