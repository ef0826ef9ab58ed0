"""One connection to an event stream, from opening it to its end: frames in, payloads out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import msgspec

from rasa_autoplay.common.http.sse import ServerSentEvent, SseDecoder
from rasa_autoplay.errors import AutoplayError, MalformedEvent
from rasa_autoplay.events.models import (
    ActionsPayload,
    LeftOut,
    SummaryPayload,
    UsertourTrigger,
    parse_payload,
)
from rasa_autoplay.gateway.sources.upstream import authorization, keep_alive, refuse, safe_url

__all__ = ["EventStream", "NotAStream", "Payload"]

logger = logging.getLogger(__name__)

Payload = ActionsPayload | SummaryPayload | UsertourTrigger


#: A stream that has brought nothing for so long, not even a heartbeat, is opened again.
_SILENCE_S = 300.0


class NotAStream(AutoplayError):
    """The upstream answered, but with no event stream; it may do so later."""


class _Typed(msgspec.Struct):
    """What every payload has, whether or not we know its type."""

    type: str


class EventStream:
    """Reads a stream of payloads.

    Args:
        url: of the stream.
        token: for the ``Authorization`` header; empty for none.
        max_event_bytes: a frame with more data is skipped and counted.
        left_out: is told of each action that could not be read, and of each frame that failed.
    """

    def __init__(self, url: str, token: str, max_event_bytes: int, left_out: LeftOut) -> None:
        self._url = url
        self._token = token
        self._max_event_bytes = max_event_bytes
        self._left_out = left_out
        self._last_event_id = ""
        #: The reconnection time that the stream has asked for, seconds; 0 when it never did.
        self.retry_s = 0.0
        #: True once the present connection has brought a frame, of whatever kind.
        self.proven = False
        #: Frames so far: ``accepted``, ``malformed`` (no JSON object), ``oversized``, ``unknown`` (type).
        self.counts = {"accepted": 0, "malformed": 0, "oversized": 0, "unknown": 0}

    async def read(
        self,
        http: aiohttp.ClientSession,
        *,
        answer_s: float,
        opened: Callable[[], Awaitable[None]],
        deliver: Callable[[Payload], Awaitable[None]],
    ) -> None:
        """Open the stream where the last connection ended, and read it until the server ends it.

        Args:
            http: makes the connection.
            answer_s: the upstream's first answer may take so long.
            opened: awaited when the stream is open.
            deliver: awaited with each payload; while it takes its time, nothing is read.

        Raises:
            SourceRefused: HTTP 401, 403 or 404.
            NotAStream: another status than 200, or no ``text/event-stream``.
            aiohttp.ClientError, asyncio.TimeoutError, OSError: the connection was not made, or broke.
        """
        self.proven = False
        limits = aiohttp.ClientTimeout(total=None, sock_connect=answer_s, sock_read=_SILENCE_S)
        asking = http.get(self._url, headers=self._headers(), timeout=limits)
        async with await asyncio.wait_for(asking, answer_s) as response:
            refuse(response.status, self._url)
            self._require_stream(response)
            keep_alive(response)
            await opened()
            decoder = SseDecoder(last_event_id=self._last_event_id, max_event_bytes=self._max_event_bytes)
            oversized_before = self.counts["oversized"]
            async for chunk in response.content.iter_any():
                events = decoder.feed(chunk)
                self._last_event_id = decoder.last_event_id
                if decoder.retry is not None:
                    self.retry_s = decoder.retry / 1000
                self.counts["oversized"] = oversized_before + decoder.oversized
                self.proven = self.proven or bool(events or decoder.oversized)
                for event in events:
                    await self._take(event, deliver)

    def _headers(self) -> dict[str, str]:
        # Identity: a compressing proxy would hold small frames back.
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        if self._last_event_id:
            headers["Last-Event-ID"] = self._last_event_id
        return headers | authorization(self._token)

    def _require_stream(self, response: aiohttp.ClientResponse) -> None:
        if response.status != 200:
            raise NotAStream(f"HTTP {response.status}")
        if response.content_type != "text/event-stream":
            raise NotAStream(
                f"content type {response.content_type}",
                remedy=f"Check the URL: {safe_url(self._url)} answers, but not with an event stream.",
            )

    async def _take(self, event: ServerSentEvent, deliver: Callable[[Payload], Awaitable[None]]) -> None:
        if event.event == "heartbeat":
            return
        try:
            payload = parse_payload(event.data, self._left_out)
        except MalformedEvent as problem:
            self._count_unreadable(event.data, problem)
            return
        except Exception as problem:  # what a reader overlooks: no frame may end the stream
            self._left_out(problem)
            return
        self.counts["accepted"] += 1
        await deliver(payload)

    def _count_unreadable(self, data: str, problem: MalformedEvent) -> None:
        kind = "malformed"
        with suppress(msgspec.DecodeError):
            msgspec.json.decode(data, type=_Typed)
            kind = "unknown"
        self.counts[kind] += 1
        # One warning for the first of a kind: a source that sends one sends many.
        level = logging.WARNING if self.counts[kind] == 1 else logging.DEBUG
        logger.log(level, "A frame was skipped: %s", problem)
