"""The link over HTTP on the action server's own port, as the gateway sees it: the embedded default."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec

from rasa_autoplay.common.http.sse import SseDecoder
from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.tracing.current import child_span, outgoing_trace_parent
from rasa_autoplay.errors import BatchRefused, EngineUnreachable
from rasa_autoplay.link.base import FrameHandler, SettledHandler, no_observer, read_reply
from rasa_autoplay.link.frames import FeedFrame, StreamOpened
from rasa_autoplay.link.http.connection import EngineConnection
from rasa_autoplay.link.http.endpoint import EngineEndpoint
from rasa_autoplay.link.http.problems import HttpAnswer, buffered, silent, unusable
from rasa_autoplay.link.messages import Batch, BatchAnswer, Event, FeedInfo, Reply, UpMessage
from rasa_autoplay.link.request_decoder import ONE_VERSION
from rasa_autoplay.link.request_types import EngineRequest, tag_of
from rasa_autoplay.link.uplink import Uplink
from rasa_autoplay.settings.secret import Secret

__all__ = ["MAX_BATCH_BYTES", "HttpLink"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")
AnswerT = TypeVar("AnswerT")

#: The engine reads no larger body; the uplink splits a larger batch.
MAX_BATCH_BYTES = 16 * 1024 * 1024
#: The engine sends a comment every 5 s. An engine that is silent for longer has stopped or hangs.
_SILENCE_S = 12.0
_CHECK_S = 0.5
_MAX_FRAME_BYTES = 1024 * 1024

_encoder = msgspec.json.Encoder()
_frames = msgspec.json.Decoder(StreamOpened | FeedFrame)
_answers = msgspec.json.Decoder(BatchAnswer)
_replies = msgspec.json.Decoder(Reply)


class HttpLink:
    """Messages up by POST, frames down by one SSE stream.

    Args:
        product_id: the product that the gateway is configured for.
        find_endpoint: returns where the engine is; see
            :class:`rasa_autoplay.link.http.connection.EngineConnection`.
        secret: the secret shared with the action server; may be empty on a single machine.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        find_endpoint: Callable[[], EngineEndpoint | None],
        secret: Secret,
        clock: Callable[[], float],
    ) -> None:
        self._connection = EngineConnection(find_endpoint, secret)
        self._tasks: list[asyncio.Task[None]] = []
        self._asking: set[asyncio.Task[Any]] = set()
        self._uplink = Uplink(product_id, self._post_batch, clock)
        self._stream_open = False
        #: When the engine last sent something, in monotonic seconds.
        self._heard_at = 0.0
        self._warned = ""

    def send(self, message: UpMessage) -> bool:
        """Queue a message for the engine; return False if the queue is full."""
        return self._uplink.send(message)

    def start(
        self,
        on_frame: FrameHandler,
        open_feeds: Callable[[], list[FeedInfo]],
        on_settled: SettledHandler = no_observer,
    ) -> None:
        """Begin to carry messages; see :class:`rasa_autoplay.link.base.Link`."""
        self._connection.open()
        self._uplink.watch_feeds(open_feeds)
        self._uplink.watch_settled(on_settled)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._uplink.run(), name="autoplay link, up"),
            loop.create_task(self._follow_stream(on_frame), name="autoplay link, down"),
        ]

    def forget(self, user_id: str, is_theirs: Callable[[Event], bool]) -> None:
        """Forget a user; see :class:`rasa_autoplay.link.base.Link`."""
        self._uplink.forget(is_theirs)

    async def stop(self) -> None:
        """Send the queued messages if the engine accepts them at once, then end."""
        await end_tasks(self._tasks)
        await self._uplink.drain()
        await end_tasks(self._asking)
        await self._connection.close()

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        connected = self._stream_open and not self._uplink.problem
        health: dict[str, Any] = {
            "type": "http",
            "state": "connected" if connected else "connecting",
            **self._uplink.health(),
        }
        if not connected and (problem := self._uplink.problem or self._warned):
            health["remedy"] = problem
        return health

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Send a request to the engine; see :class:`rasa_autoplay.link.base.Link`.

        A caller that goes away, such as a browser that leaves the page, does not end the request: the action
        server would log an error. It ends in time by itself.
        """
        asking = asyncio.get_running_loop().create_task(self._ask(request, timeout_s))
        self._asking.add(asking)
        asking.add_done_callback(self._forget)
        return await asyncio.shield(asking)

    def _forget(self, asking: asyncio.Task[Any]) -> None:
        self._asking.discard(asking)
        if not asking.cancelled():
            asking.exception()  # retrieved, so that asyncio does not log it if nobody waits

    async def _ask(self, request: EngineRequest[AnswerT], timeout_s: float) -> AnswerT:
        with child_span(f"ask {tag_of(request)}", "client"):
            return await self._ask_traced(request, timeout_s)

    async def _ask_traced(self, request: EngineRequest[AnswerT], timeout_s: float) -> AnswerT:
        body = _encoder.encode(request)
        asking = self._connection.post("requests", body, timeout_s, outgoing_trace_parent())
        endpoint, answer = await (self._while_heard(asking) if timeout_s > _SILENCE_S else asking)
        if answer.status != 200 or not answer.is_json:
            raise unusable(endpoint, answer)
        try:
            reply = _replies.decode(answer.body)
        except msgspec.DecodeError:
            raise EngineUnreachable("The engine's reply cannot be read.", remedy=ONE_VERSION) from None
        return read_reply(request, reply)

    async def ask_every_engine(
        self, request: EngineRequest[AnswerT], timeout_s: float = 5.0
    ) -> list[AnswerT]:
        """Send a request to the only engine; see :class:`rasa_autoplay.link.base.Link`."""
        return [await self.ask(request, timeout_s)]

    async def _while_heard(self, asking: Coroutine[Any, Any, _ResultT]) -> _ResultT:
        """Wait for a slow answer as long as the engine's heartbeats arrive."""
        asked_at = time.monotonic()
        task = asyncio.get_running_loop().create_task(asking)
        try:
            while not (await asyncio.wait([task], timeout=_CHECK_S))[0]:
                if time.monotonic() - max(asked_at, self._heard_at) > _SILENCE_S:
                    raise silent(self._connection.endpoint())
            return task.result()
        finally:
            task.cancel()

    async def _post_batch(self, batch: Batch) -> BatchAnswer:
        try:
            encoded = _encoder.encode(batch)
        except (ValueError, OverflowError, msgspec.EncodeError) as problem:
            raise BatchRefused(f"It cannot be encoded as JSON ({type(problem).__name__}).") from None
        if len(encoded) > MAX_BATCH_BYTES:
            raise BatchRefused(f"It is larger than {MAX_BATCH_BYTES} bytes.")
        endpoint, answer = await self._connection.post("messages", encoded, 10.0)
        _check_batch_is_readable(answer)
        if answer.status not in (200, 409) or not answer.is_json:
            raise unusable(endpoint, answer)
        try:
            return _answers.decode(answer.body)
        except msgspec.DecodeError:
            raise EngineUnreachable("The engine's answer cannot be read.", remedy=ONE_VERSION) from None

    async def _follow_stream(self, on_frame: FrameHandler) -> None:
        retry = Retry()
        while True:
            try:
                await self._receive_frames(on_frame, retry)
            except EngineUnreachable as problem:
                self._warn(problem)
            except msgspec.DecodeError:
                logger.warning(
                    "The engine sent a frame that cannot be read. Check that both servers have the same "
                    "version."
                )
            except Exception:
                logger.exception("Reading the engine's frames failed; the link will reconnect.")
            self._stream_open = False
            await retry.wait()

    async def _receive_frames(self, on_frame: FrameHandler, retry: Retry) -> None:
        endpoint = self._connection.endpoint()
        async with aclosing(self._frames(endpoint)) as frames:
            async for frame in frames:
                retry.succeeded()
                if isinstance(frame, FeedFrame):
                    await on_frame(frame)
                else:
                    self._stream_open = True
                    self._warned = ""
                    self._uplink.announce_feeds()

    async def _frames(self, endpoint: EngineEndpoint) -> AsyncGenerator[StreamOpened | FeedFrame, None]:
        """Yield the engine's frames until its stream ends, or until Rasa has loaded another endpoint."""
        query = {"gateway_id": self._uplink.gateway_id}
        decoder = SseDecoder(max_event_bytes=_MAX_FRAME_BYTES)
        async with self._connection.stream(endpoint, "frames", query, _SILENCE_S) as content:
            try:
                async for chunk in content.iter_any():
                    self._heard_at = time.monotonic()
                    for event in decoder.feed(chunk):
                        yield _frames.decode(event.data)
                    if self._connection.has_moved(endpoint):
                        return
            except asyncio.TimeoutError:
                raise (silent if self._stream_open else buffered)(endpoint) from None

    def _warn(self, problem: Exception) -> None:
        text = str(problem)
        if text != self._warned:
            logger.warning("The link to the engine is down and will reconnect: %s", text)
        self._warned = text


def _check_batch_is_readable(answer: HttpAnswer) -> None:
    """A batch that the engine, or a proxy, finds too large is sent again in smaller pieces."""
    refusal = answer.refusal
    if answer.status == 413 or (answer.status == 400 and refusal):
        by = f"The engine answered {answer.status}: {refusal.error}" if refusal else "A proxy answered 413."
        raise BatchRefused(by)
