"""How are bodies of strangers read? Each with a bound, and none so slowly that it keeps others out."""

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

#: Two bars of a mobile network carry the largest body in this time.
LONGEST_S = 30.0
MAX_UNDER_WAY = 500
MAX_BYTES_UNDER_WAY = 64 * 1024 * 1024
#: The largest body in packets of Ethernet's size comes in less than 4,000.
_MAX_PIECES = 20_000

#: What a client has under way when it is refused is thrown away for so long, then the connection is closed.
_LINGER_S = 1.0
_LINGER_BYTES = 16 * 1024 * 1024


class BadRequest(AutoplayError):
    """The request cannot be used; ``status`` and the texts go to the caller.

    Args:
        message: what is wrong.
        remedy: what to do about it.
        status: of the answer.
        retry_after_s: when to try again, where that helps.
    """

    def __init__(
        self, message: str, *, remedy: str = "", status: int = 400, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.retry_after_s = retry_after_s


class BodyReader:
    """Reads bodies, many at a time.

    A sender that is slow may take its time only while there is room: the body that has been under way for the
    longest makes place for a new one.

    Args:
        longest_s: seconds that a body may take.
        max_under_way: how many are read at a time.
        max_bytes: how much of all of them is kept while they are read.
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
        """How many are read now, and how many were refused, by the answer's status."""
        return {"under_way": len(self), "refused": {str(status): n for status, n in self._refused.items()}}

    async def read(self, request: Request, max_bytes: int) -> bytes:
        """The whole body of a streamed request.

        Raises:
            BadRequest: 413 before the rest is read, 408 when it comes too slowly, 400 when it is damaged.
        """
        try:
            return await self._read(request, max_bytes)
        except BadRequest as problem:
            self._refused[problem.status] += 1
            raise

    async def _read(self, request: Request, max_bytes: int) -> bytes:
        _check_stated_length(request, max_bytes)
        body = bytearray()
        reading = asyncio.get_running_loop().create_task(self._collect(request, body, max_bytes))
        self._bodies[reading] = body
        if len(self._bodies) > self._max_under_way:
            self._give_up_oldest()
        try:
            await asyncio.wait({reading}, timeout=self._longest_s)
        finally:
            self._let_go(reading)
        if reading.cancelled() or not reading.done():
            raise BadRequest("the body came too slowly", status=408)
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
                raise BadRequest("the body comes in too many pieces")
            self._bytes += len(piece)
            while self._bytes > self._max_bytes:
                self._give_up_oldest()

    def _give_up_oldest(self) -> None:
        self._let_go(next(iter(self._bodies)))

    def _let_go(self, reading: asyncio.Task[None]) -> None:
        """Count it no longer, and end it if it has not ended."""
        body = self._bodies.pop(reading, None)
        if body is not None:
            self._bytes -= len(body)
            reading.cancel()


def _check_stated_length(request: Request, max_bytes: int) -> None:
    stated = request.headers.get("content-length")
    if stated is None:
        return
    if not stated.isdecimal():
        raise BadRequest("the content length is no number")
    if len(stated) > 18 or int(stated) > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> BadRequest:
    return BadRequest(f"the body is larger than {max_bytes} bytes", status=413)


def bodies_of(app: Any) -> BodyReader:
    """The one of this server."""
    bodies = getattr(app.ctx, "autoplay_bodies", None)
    if not isinstance(bodies, BodyReader):
        bodies = app.ctx.autoplay_bodies = BodyReader()
    return bodies


def has_unread_body(request: Request) -> bool:
    """Is there more of the request than has been read?"""
    return bool(request.stream is not None and request.stream.request_body)


async def answer_unread(request: Request, response: HTTPResponse) -> None:
    """Answer a request whose body is not wanted, and close its connection.

    Sanic would read the rest to its end, however long that takes. To close at once would be a reset, which
    costs many clients the answer; so a moment is spent on throwing away what is under way.
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
