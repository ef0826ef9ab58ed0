"""The link over HTTP on the action server's own port, as the gateway sees it: the embedded default."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import aiohttp
import msgspec

from rasa_autoplay.common.http.sse import SseDecoder
from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import BatchRefused, EngineUnreachable
from rasa_autoplay.link.base import FrameHandler, SettledHandler, no_observer, read_reply
from rasa_autoplay.link.messages import (
    Batch,
    BatchAnswer,
    FeedFrame,
    FeedInfo,
    Refusal,
    Reply,
    StreamOpened,
    UpMessage,
)
from rasa_autoplay.link.requests import ONE_VERSION, EngineRequest
from rasa_autoplay.link.uplink import Uplink
from rasa_autoplay.settings.secret import Secret

__all__ = ["LINK_HEADER", "LINK_PATH", "MAX_BATCH_BYTES", "HttpLink"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")
AnswerT = TypeVar("AnswerT")

LINK_PATH = "/autoplay/link"
#: A web page in a browser on this machine can post to a local port, but it cannot set this header.
LINK_HEADER = "X-Autoplay-Link"
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
_refusals = msgspec.json.Decoder(Refusal)


class HttpLink:
    """Messages up by POST, frames down by one SSE stream.

    Args:
        product_id: the product that the gateway is configured for.
        engine_origin: returns the action server's ``http://host:port``, or None while no agent is loaded. It
            is called for each request, because Rasa can replace the agent.
        secret: the secret shared with the action server; may be empty on a single machine.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        engine_origin: Callable[[], str | None],
        secret: Secret,
        clock: Callable[[], float],
    ) -> None:
        self._engine_origin = engine_origin
        self._secret = secret
        self._tasks: list[asyncio.Task[None]] = []
        self._http: aiohttp.ClientSession | None = None
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
        headers = {LINK_HEADER: "1"}
        if self._secret:
            headers["Authorization"] = f"Bearer {self._secret.reveal()}"
        self._http = aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, connect=5),
            connector=aiohttp.TCPConnector(limit=64),
        )
        self._uplink.watch_feeds(open_feeds)
        self._uplink.watch_settled(on_settled)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._uplink.run(), name="autoplay link, up"),
            loop.create_task(self._follow_stream(on_frame), name="autoplay link, down"),
        ]

    async def stop(self) -> None:
        """Send the queued messages if the engine accepts them at once, then end."""
        await end_tasks(self._tasks)
        await self._uplink.drain()
        if self._http is not None:
            await self._http.close()

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        connected = self._stream_open and not self._uplink.problem
        health: dict[str, Any] = {
            "type": "http",
            "state": "connected" if connected else "connecting",
            "queued": len(self._uplink),
            **self._uplink.counts,
        }
        if not connected and (problem := self._uplink.problem or self._warned):
            health["remedy"] = problem
        return health

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Send a request to the engine; see :class:`rasa_autoplay.link.base.Link`."""
        asking = self._post("requests", _encoder.encode(request), timeout_s)
        status, body = await (self._while_heard(asking) if timeout_s > _SILENCE_S else asking)
        if status != 200:
            raise _unusable(status, body)
        try:
            reply = _replies.decode(body)
        except msgspec.DecodeError:
            raise EngineUnreachable("The engine's reply cannot be read.", remedy=ONE_VERSION) from None
        return read_reply(request, reply)

    async def _while_heard(self, asking: Coroutine[Any, Any, _ResultT]) -> _ResultT:
        """Wait for a slow answer as long as the engine's heartbeats arrive."""
        asked_at = time.monotonic()
        task = asyncio.get_running_loop().create_task(asking)
        try:
            while not (await asyncio.wait([task], timeout=_CHECK_S))[0]:
                if time.monotonic() - max(asked_at, self._heard_at) > _SILENCE_S:
                    raise _silent(self._url(""))
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
        status, body = await self._post("messages", encoded, 10.0)
        if status in (400, 413):
            raise BatchRefused(f"The engine answered {status}: {_decode_refusal(body).error}")
        if status not in (200, 409):
            raise _unusable(status, body)
        try:
            return _answers.decode(body)
        except msgspec.DecodeError:
            raise EngineUnreachable("The engine's answer cannot be read.", remedy=ONE_VERSION) from None

    async def _post(self, path: str, body: bytes, timeout_s: float) -> tuple[int, bytes]:
        url = self._url(path)
        assert self._http is not None  # noqa: S101 - start() has run: routes exist only in a started server
        try:
            async with self._http.post(
                url, data=body, timeout=aiohttp.ClientTimeout(total=timeout_s, connect=2)
            ) as response:
                return response.status, await response.read()
        except asyncio.TimeoutError:
            raise _silent(url) from None
        except (aiohttp.ClientError, OSError) as problem:
            raise EngineUnreachable(
                f"The action server does not answer at {url} ({type(problem).__name__}).",
                remedy='Start it with "rasa run actions"; its address is action_endpoint in endpoints.yml.',
            ) from None

    def _url(self, path: str) -> str:
        origin = self._engine_origin()
        if origin is None:
            raise EngineUnreachable(
                "No action server is configured.",
                remedy='Add "action_endpoint: {url: http://localhost:5055/webhook}" to endpoints.yml.',
            )
        return f"{origin}{LINK_PATH}/{path}"

    async def _follow_stream(self, on_frame: FrameHandler) -> None:
        retry = Retry()
        while True:
            try:
                async for frame in self._frames():
                    retry.succeeded()
                    if isinstance(frame, FeedFrame):
                        await on_frame(frame)
                    else:
                        self._warned = ""
                        self._uplink.announce_feeds()
            except asyncio.TimeoutError:
                self._warn(_silent(self._url("")))
            except (aiohttp.ClientError, OSError, EngineUnreachable) as problem:
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

    async def _frames(self) -> Any:
        assert self._http is not None  # noqa: S101 - only start() runs this
        timeout = aiohttp.ClientTimeout(total=None, connect=5, sock_read=_SILENCE_S)
        url = self._url(f"frames?gateway_id={self._uplink.gateway_id}")
        async with self._http.get(url, timeout=timeout) as response:
            if response.status != 200:
                raise _unusable(response.status, await response.read())
            self._stream_open = True
            decoder = SseDecoder(max_event_bytes=_MAX_FRAME_BYTES)
            async for chunk in response.content.iter_any():
                self._heard_at = time.monotonic()
                for event in decoder.feed(chunk):
                    yield _frames.decode(event.data)

    def _warn(self, problem: Exception) -> None:
        text = str(problem) or type(problem).__name__
        if text != self._warned:
            logger.warning("The link to the engine is down and will reconnect: %s", text)
        self._warned = text


def _silent(url: str) -> EngineUnreachable:
    return EngineUnreachable(
        f"The action server accepts connections at {url}, but does not answer.",
        remedy="It has stopped or is overloaded. Check its log and the load of its machine, then restart it.",
    )


def _decode_refusal(body: bytes) -> Refusal:
    try:
        return _refusals.decode(body)
    except msgspec.DecodeError:
        return Refusal("failed", "this is not an engine's answer")


def _unusable(status: int, body: bytes) -> EngineUnreachable:
    """Explain an HTTP status without a reply to the team that runs the servers."""
    refusal = _decode_refusal(body)
    if status == 401:
        return EngineUnreachable(
            f"The engine refuses this Rasa server: {refusal.error}.", remedy=refusal.remedy
        )
    if status in (404, 500):
        return EngineUnreachable(
            "The action server answers but runs no engine: its actions module must contain "
            '"from rasa_autoplay.actions import *". If its autoplay.yml has "shared: {redis: ...}", '
            "credentials.yml must have the same."
        )
    return EngineUnreachable(f"The engine answered {status}: {refusal.error}.", remedy=refusal.remedy)
