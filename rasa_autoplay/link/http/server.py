"""The engine's side of the link over HTTP: a Sanic blueprint on the action server."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, raw

from rasa_autoplay.common.http.request_body import BadRequest, answer_unread, bodies_of, has_unread_body
from rasa_autoplay.common.http.sse import encode_event
from rasa_autoplay.errors import RefusalKind
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.http.client import LINK_PATH, MAX_BATCH_BYTES
from rasa_autoplay.link.http.trust import refusal_of
from rasa_autoplay.link.messages import Batch, BatchAnswer, FeedFrame, Refusal, StreamOpened
from rasa_autoplay.link.replies import ENGINE_FAILED, RequestAnswerer, reply_to
from rasa_autoplay.link.requests import ONE_VERSION, decode_request
from rasa_autoplay.settings.secret import Secret

__all__ = ["EngineSide", "FrameStreams", "link_blueprint"]

logger = logging.getLogger(__name__)

_HEARTBEAT_S = 5.0
_MAX_QUEUED_FRAMES = 10_000
_MAX_REQUEST_BYTES = 1 << 20
_Handler = Callable[..., Awaitable["HTTPResponse | None"]]
_encoder = msgspec.json.Encoder()
_batches = msgspec.json.Decoder(Batch)


class EngineSide(RequestAnswerer, Protocol):
    """What the blueprint needs from the engine."""

    engine_id: str

    async def apply_batch(self, batch: Batch) -> BatchAnswer:
        """Apply the messages of a batch, in order."""
        ...

    def gateway_lost(self, gateway_id: str) -> None:
        """Handle the end of a gateway's stream; it receives nothing until it reconnects."""
        ...


class FrameStreams:
    """The frame streams to the gateways, one for each.

    An overflowing queue ends its stream (policy ``disconnect``). Then the gateway reconnects, lists its feeds
    and gets the offers that are still open.
    """

    def __init__(self) -> None:
        self._queues: dict[str, asyncio.Queue[FeedFrame | None]] = {}
        self._closing = False

    def __len__(self) -> int:
        return len(self._queues)

    def push(self, gateway_id: str, frame: FeedFrame) -> bool:
        """Queue a frame for a gateway; return False if the gateway is not connected."""
        queue = self._queues.get(gateway_id)
        if queue is None:
            return False
        try:
            queue.put_nowait(frame)
        except asyncio.QueueFull:
            self._end(gateway_id)
            return False
        return True

    def open(self, gateway_id: str) -> asyncio.Queue[FeedFrame | None]:
        """Open a gateway's stream; an older stream of the same gateway ends."""
        self._end(gateway_id)
        queue: asyncio.Queue[FeedFrame | None] = asyncio.Queue(_MAX_QUEUED_FRAMES + 1)
        self._queues[gateway_id] = queue
        if self._closing:
            self._end(gateway_id)
        return queue

    def closed(self, gateway_id: str, queue: asyncio.Queue[FeedFrame | None]) -> bool:
        """Record the end of a stream; return False if the gateway already has a newer one."""
        if self._queues.get(gateway_id) is not queue:
            return False
        del self._queues[gateway_id]
        return True

    def close_all(self) -> None:
        """End every stream, including those that open later, because the server stops."""
        self._closing = True
        for gateway_id in list(self._queues):
            self._end(gateway_id)

    def _end(self, gateway_id: str) -> None:
        queue = self._queues.pop(gateway_id, None)
        if queue is None:
            return
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


def link_blueprint(engine: EngineSide, streams: FrameStreams, secret: Secret) -> Blueprint:
    """The routes under ``/autoplay/link``: ``messages``, ``frames`` and ``requests``.

    Args:
        engine: applies the messages and answers the requests.
        streams: where the engine pushes frames.
        secret: shared with the gateway; empty when none is set. See
            :func:`rasa_autoplay.link.http.trust.refusal_of`.
    """
    blueprint = Blueprint("autoplay_link", url_prefix=LINK_PATH)
    routes = _LinkRoutes(engine, streams)

    def guarded(handler: _Handler) -> _Handler:
        @functools.wraps(handler)
        async def handle(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse | None:
            if refusal := refusal_of(request, secret):
                response = _json(refusal, 401)
            else:
                response = await _answered(handler, request, *args, **kwargs)
            if response is not None and has_unread_body(request):
                await answer_unread(request, response)
                return None
            return response

        return handle

    # Streamed, so that unauthorized bodies are not read, and others only up to their limit.
    blueprint.add_route(guarded(routes.messages), "/messages", methods=["POST"], stream=True)
    blueprint.add_route(guarded(routes.requests), "/requests", methods=["POST"], stream=True)
    blueprint.add_route(guarded(routes.frames), "/frames", methods=["GET"], stream=True)
    return blueprint


async def _answered(handler: _Handler, request: Request, *args: Any, **kwargs: Any) -> HTTPResponse | None:
    # The action server answers exceptions and unknown routes with 500. All errors are answered here instead,
    # so
    # that a 500 means to the gateway that there is no engine.
    try:
        return await handler(request, *args, **kwargs)
    except EngineRefused as refusal:
        # Not 400 or 413, on which the gateway drops the batch, because the engine can never read it.
        return _json(refusal.refusal(), 422)
    except BadRequest as problem:
        kind: RefusalKind = "unavailable" if problem.status == 503 else "invalid"
        return _json(Refusal(kind, problem.message, problem.remedy), problem.status)
    except Exception:
        logger.exception("The engine failed at %s.", request.path)
        return _json(ENGINE_FAILED, 502)


class _LinkRoutes:
    def __init__(self, engine: EngineSide, streams: FrameStreams) -> None:
        self._engine = engine
        self._streams = streams

    async def messages(self, request: Request) -> HTTPResponse:
        try:
            batch = _batches.decode(await _body(request, MAX_BATCH_BYTES))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _json(Refusal("invalid", "the engine cannot read this batch", ONE_VERSION), 400)
        answer = await self._engine.apply_batch(batch)
        return _json(answer, 200 if answer.engine_id == batch.engine_id else 409)

    async def requests(self, request: Request) -> HTTPResponse:
        body = await _body(request, _MAX_REQUEST_BYTES)
        # A gateway that hangs up cancels its request; the engine still finishes it.
        return _json(await asyncio.shield(reply_to(self._engine, decode_request(body))), 200)

    async def frames(self, request: Request) -> HTTPResponse | None:
        gateway_id = request.args.get("gateway_id") or ""
        response = await request.respond(content_type="text/event-stream; charset=utf-8")
        queue = self._streams.open(gateway_id)
        try:
            await response.send(_frame(StreamOpened(self._engine.engine_id)))
            await _pump(queue, response)
        finally:
            if self._streams.closed(gateway_id, queue):
                self._engine.gateway_lost(gateway_id)
        return None


async def _body(request: Request, max_bytes: int) -> bytes:
    return await bodies_of(request.app).read(request, max_bytes)


async def _pump(queue: asyncio.Queue[FeedFrame | None], response: Any) -> None:
    while True:
        try:
            frame = await asyncio.wait_for(queue.get(), _HEARTBEAT_S)
        except asyncio.TimeoutError:
            await response.send(b":\n\n")
            continue
        if frame is None:
            return
        await response.send(_frame(frame))


def _frame(message: StreamOpened | FeedFrame) -> bytes:
    return encode_event(_encoder.encode(message))


def _json(body: msgspec.Struct, status: int) -> HTTPResponse:
    return raw(_encoder.encode(body), status=status, content_type="application/json")
