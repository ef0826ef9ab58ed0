"""Reads one connection to an event stream: server-sent events in, payloads out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import msgspec

from rasa_autoplay.common.http.sse import ServerSentEvent, SseDecoder
from rasa_autoplay.errors import AutoplayError, MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, LeftOut, SummaryPayload, UsertourTrigger
from rasa_autoplay.events.payloads import parse_payload
from rasa_autoplay.gateway.sources.upstream import authorization, keep_alive, refuse, safe_url

__all__ = ["EventStream", "NotAStream", "Payload"]

logger = logging.getLogger(__name__)

Payload = ActionsPayload | SummaryPayload | UsertourTrigger

#: If nothing arrives for this long, not even a heartbeat, the stream is opened again.
_SILENCE_S = 300.0


class NotAStream(AutoplayError):
    """The upstream's answer is not an event stream; retrying may help."""


class _Typed(msgspec.Struct):
    """A payload whose type may be unknown."""

    type: str


class EventStream:
    """Reads a stream of payloads.

    Args:
        url: the stream's URL.
        token: for the ``Authorization`` header; empty for none.
        max_event_bytes: larger frames are skipped and counted.
        left_out: called with the problem of each action and each frame that could not be read.
    """

    def __init__(self, url: str, token: str, max_event_bytes: int, left_out: LeftOut) -> None:
        self._url = url
        self._token = token
        self._max_event_bytes = max_event_bytes
        self._left_out = left_out
        self._last_event_id = ""
        #: The reconnection time that the stream asked for, in seconds; 0 if it did not.
        self.retry_s = 0.0
        #: Whether the current connection has delivered a frame.
        self.proven = False
        #: Frames so far: ``accepted``, ``malformed`` (no JSON object), ``oversized`` or ``unknown`` (type).
        self.counts = {"accepted": 0, "malformed": 0, "oversized": 0, "unknown": 0}

    async def read(
        self,
        http: aiohttp.ClientSession,
        *,
        answer_s: float,
        on_open: Callable[[], Awaitable[None]],
        on_payload: Callable[[Payload], Awaitable[None]],
    ) -> None:
        """Open the stream where the last connection ended, and read it until the server closes it.

        Args:
            http: makes the connection.
            answer_s: how long the upstream may take until its answer begins, in seconds.
            on_open: awaited when the stream is open.
            on_payload: awaited with each payload; nothing is read until it returns.

        Raises:
            SourceRefused: HTTP 401, 403 or 404.
            NotAStream: the status is not 200, or the content type is not ``text/event-stream``.
            aiohttp.ClientError, asyncio.TimeoutError, OSError: the connection failed.
        """
        self.proven = False
        limits = aiohttp.ClientTimeout(total=None, sock_connect=answer_s, sock_read=_SILENCE_S)
        asking = http.get(self._url, headers=self._headers(), timeout=limits)
        async with await asyncio.wait_for(asking, answer_s) as response:
            refuse(response.status, self._url)
            self._require_stream(response)
            keep_alive(response)
            await on_open()
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
                    await self._handle(event, on_payload)

    def _headers(self) -> dict[str, str]:
        # Identity: a proxy that compresses would delay small frames.
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

    async def _handle(self, event: ServerSentEvent, on_payload: Callable[[Payload], Awaitable[None]]) -> None:
        if event.event == "heartbeat":
            return
        try:
            payload = parse_payload(event.data, self._left_out)
        except MalformedEvent as problem:
            self._count_unreadable(event.data, problem)
            return
        except Exception as problem:  # our bug, which must not end the stream
            self._left_out(problem)
            return
        self.counts["accepted"] += 1
        await on_payload(payload)

    def _count_unreadable(self, data: str, problem: MalformedEvent) -> None:
        kind = "malformed"
        with suppress(msgspec.DecodeError):
            msgspec.json.decode(data, type=_Typed)
            kind = "unknown"
        self.counts[kind] += 1
        # A source that sends one such frame sends many, so only the first is a warning.
        level = logging.WARNING if self.counts[kind] == 1 else logging.DEBUG
        logger.log(level, "A frame was skipped: %s", problem)
