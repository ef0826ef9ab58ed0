"""Writes a user's feed as server-sent events."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from sanic import Request
from sanic.compat import Header

from rasa_autoplay.common.http.responses import BadRequest
from rasa_autoplay.common.http.sse import STREAM_HEADERS, encode_event
from rasa_autoplay.gateway.feed_queues import Feed
from rasa_autoplay.link.frames import FeedFrame

__all__ = ["stream_feed", "wait_of"]

#: Sanic closes a stream that sends nothing for RESPONSE_TIMEOUT (60 s by default).
_HEARTBEAT_S = 15.0
#: Limit of ``wait``. A browser that cannot share one connection among its tabs asks for short ones.
_MAX_WAIT_S = 3600.0


def wait_of(text: str | None) -> float:
    """The feed's ``wait``: how many seconds it stays open; without it there is no limit."""
    if not text:
        return math.inf
    try:
        wait_s = float(text)
    except ValueError:
        wait_s = math.nan
    if not 0 <= wait_s <= _MAX_WAIT_S:
        raise BadRequest(f"'wait' must be a number of seconds, from 0 to {_MAX_WAIT_S:g}")
    return wait_s


async def stream_feed(
    request: Request, feed: Feed, wait_s: float, on_written: Callable[[FeedFrame], object]
) -> None:
    """Send the feed's frames for ``wait_s`` seconds, or until the feed ends.

    Args:
        request: the browser's request.
        feed: its feed.
        wait_s: seconds.
        on_written: called with each frame that was written to the connection.
    """
    response = await request.respond(
        content_type="text/event-stream; charset=utf-8",
        headers=STREAM_HEADERS,
    )
    # Scripts do not see comments. One that sends receipts gets an event with the interval in seconds.
    heartbeat = encode_event(f"{_HEARTBEAT_S:g}", event="ping") if feed.sends_receipts else b": heartbeat\n\n"
    await response.send(b"retry: 2000\n: connected\n\n" + (heartbeat if feed.sends_receipts else b""))
    _forget_headers(request, response)
    end = asyncio.get_running_loop().time() + wait_s
    while (left := end - asyncio.get_running_loop().time()) > 0:
        try:
            frame = await feed.next(min(_HEARTBEAT_S, left))
        except asyncio.TimeoutError:
            await response.send(heartbeat)
            continue
        if frame is None:
            break
        await response.send(encode_event(frame.sse_data(), event=frame.event, id=frame.id))
        feed.confirm(frame)
        on_written(frame)
    await response.eof()


def _forget_headers(request: Request, response: Any) -> None:
    """Free the headers, which were read and sent: a browser's, with its cookies, takes several KB."""
    with suppress(AttributeError):  # another version of Sanic may keep them elsewhere
        request.headers = response.headers = _header_of(request.headers.get("host", ""))
        request.head = b""


@lru_cache(maxsize=64)
def _header_of(host: str) -> Header:
    """Return the header that all feeds at this host share; Sanic's access log reads the host."""
    return Header([("host", host)])
