"""Reads request bodies from untrusted clients, with limits on size, time and number."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

from sanic import Request
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse

from rasa_autoplay.errors import AutoplayError

__all__ = ["BadRequest", "BodyReader", "answer_unread", "bodies_of", "has_unread_body"]

#: A 3G connection (about 200 kB/s) sends the largest body, 5 MB, in 25 s.
LONGEST_S = 30.0
MAX_UNDER_WAY = 500
MAX_BYTES_UNDER_WAY = 64 * 1024 * 1024
#: The largest body needs fewer than 4,000 packets of Ethernet's size.
_MAX_PIECES = 20_000

#: After a rejection, the rest of the body is discarded for this long. Then the connection is closed.
_LINGER_S = 1.0
_LINGER_BYTES = 16 * 1024 * 1024


class BadRequest(AutoplayError):
    """A request is rejected; the client gets ``status`` and the texts.

    Args:
        message: what is wrong.
        remedy: what to do about it.
        status: HTTP status of the response.
        retry_after_s: seconds until a retry can succeed, or None if a retry does not help.
    """

    def __init__(
        self, message: str, *, remedy: str = "", status: int = 400, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.retry_after_s = retry_after_s


class BodyReader:
    """Reads many bodies concurrently.

    When a limit is reached, the body that started first is dropped, so that slow senders cannot block others.

    Args:
        longest_s: seconds that one body may take.
        max_under_way: how many bodies are read at a time.
        max_bytes: size of all bodies that are being read, together.
    """

    def __init__(
        self,
        longest_s: float = LONGEST_S,
        max_under_way: int = MAX_UNDER_WAY,
        max_bytes: int = MAX_BYTES_UNDER_WAY,
    ) -> None:
        self._longest_s = longest_s
        self._max_under_way = max_under_way
        self._max_bytes = max_bytes
        self._bodies: dict[asyncio.Task[None], bytearray] = {}
        self._bytes = 0
        self._refused: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._bodies)

    def health(self) -> dict[str, Any]:
        """How many bodies are being read, and how many were rejected, by HTTP status."""
        return {"under_way": len(self), "refused": {str(status): n for status, n in self._refused.items()}}

    async def read(self, request: Request, max_bytes: int) -> bytes:
        """Read the whole body of a streamed request.

        Raises:
            BadRequest: 413 if it is too large, 408 if it is too slow, 400 if it is malformed.
        """
        try:
            return await self._read(request, max_bytes)
        except BadRequest as problem:
            self._refused[problem.status] += 1
            raise

    async def _read(self, request: Request, max_bytes: int) -> bytes:
        _check_stated_length(request, max_bytes)
        if _has_arrived(request):
            # Reading it never waits, so it needs no task and no time limit.
            whole = await request.stream.read()
            await request.stream.read()  # notices the end
            return bytes(whole or b"")
        body = bytearray()
        reading = asyncio.get_running_loop().create_task(self._collect(request, body, max_bytes))
        self._bodies[reading] = body
        if len(self._bodies) > self._max_under_way:
            self._drop_oldest()
        try:
            await asyncio.wait({reading}, timeout=self._longest_s)
        finally:
            self._release(reading)
        if reading.cancelled() or not reading.done():
            raise BadRequest("the body arrived too slowly", status=408)
        reading.result()
        return bytes(body)

    async def _collect(self, request: Request, body: bytearray, max_bytes: int) -> None:
        pieces = 0
        while piece := await request.stream.read():
            body += piece
            pieces += 1
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
            if pieces > _MAX_PIECES:
                raise BadRequest("the body arrives in too many pieces")
            self._bytes += len(piece)
            while self._bytes > self._max_bytes:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._release(next(iter(self._bodies)))

    def _release(self, reading: asyncio.Task[None]) -> None:
        """Stop counting a body, and cancel its task if it is still running."""
        body = self._bodies.pop(reading, None)
        if body is not None:
            self._bytes -= len(body)
            reading.cancel()


def _has_arrived(request: Request) -> bool:
    """Whether the whole body came together with the header, as small ones often do."""
    stream = request.stream
    left = getattr(stream, "request_bytes_left", 0)
    is_awaited = getattr(stream, "expecting_continue", True)
    return not is_awaited and 0 < left <= len(getattr(stream, "recv_buffer", b""))


def _check_stated_length(request: Request, max_bytes: int) -> None:
    stated = request.headers.get("content-length")
    if stated is None:
        return
    if not stated.isdecimal():
        raise BadRequest("the content length is not a number")
    if len(stated) > 18 or int(stated) > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> BadRequest:
    return BadRequest(f"the body is larger than {max_bytes} bytes", status=413)


def bodies_of(app: Any) -> BodyReader:
    """The body reader of this server."""
    bodies = getattr(app.ctx, "autoplay_bodies", None)
    if not isinstance(bodies, BodyReader):
        bodies = app.ctx.autoplay_bodies = BodyReader()
    return bodies


def has_unread_body(request: Request) -> bool:
    """Whether part of the request's body has not been read."""
    return bool(request.stream is not None and request.stream.request_body)


async def answer_unread(request: Request, response: HTTPResponse) -> None:
    """Respond without reading the rest of the body, and close the connection.

    Sanic would read the rest, however long that takes. If we closed at once, the reset would make many
    clients lose the response. Therefore the rest is discarded for a moment first.
    """
    stream = request.stream
    stream.keep_alive = False
    await (await request.respond(response)).send(end_stream=True)
    with suppress(asyncio.TimeoutError, SanicException):
        await asyncio.wait_for(_discard(request), _LINGER_S)
    stream.request_body = None


async def _discard(request: Request) -> None:
    discarded = 0
    while discarded < _LINGER_BYTES and (piece := await request.stream.read()):
        discarded += len(piece)
