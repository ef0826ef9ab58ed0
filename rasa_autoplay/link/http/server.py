"""The engine's side of the link over HTTP: a Sanic blueprint on the action server."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, raw

from rasa_autoplay.common.http.request_body import BadRequest, answer_unread, bodies_of, has_unread_body
from rasa_autoplay.common.http.sse import STREAM_HEADERS, encode_event
from rasa_autoplay.errors import RefusalKind
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.engine_side import EngineSide
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.frames import FeedFrame, StreamOpened
from rasa_autoplay.link.http.client import MAX_BATCH_BYTES
from rasa_autoplay.link.http.endpoint import LINK_PATH, TRACE_HEADER
from rasa_autoplay.link.http.trust import refusal_of
from rasa_autoplay.link.messages import Batch, Refusal
from rasa_autoplay.link.replies import ENGINE_FAILED, reply_to
from rasa_autoplay.link.request_decoder import ONE_VERSION, decode_request
from rasa_autoplay.settings.secret import Secret

__all__ = ["link_blueprint"]

logger = logging.getLogger(__name__)

_HEARTBEAT_S = 5.0
_MAX_REQUEST_BYTES = 1 << 20
_Handler = Callable[..., Awaitable["HTTPResponse | None"]]
_encoder = msgspec.json.Encoder()
_batches = msgspec.json.Decoder(Batch)


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
        trace_parent = request.headers.get(TRACE_HEADER, "")
        answering = reply_to(self._engine, decode_request(body), trace_parent)
        return _json(await asyncio.shield(answering), 200)

    async def frames(self, request: Request) -> HTTPResponse | None:
        gateway_id = request.args.get("gateway_id") or ""
        response = await request.respond(
            content_type="text/event-stream; charset=utf-8", headers=STREAM_HEADERS
        )
        queue = self._streams.open(gateway_id)
        try:
            await response.send(_frame(StreamOpened(self._engine.engine_id)))
            await self._pump(queue, response)
        finally:
            if self._streams.closed(gateway_id, queue):
                self._engine.gateway_lost(gateway_id)
        return None

    async def _pump(self, queue: asyncio.Queue[FeedFrame | None], response: Any) -> None:
        while True:
            try:
                frame = await asyncio.wait_for(self._streams.next(queue), _HEARTBEAT_S)
            except asyncio.TimeoutError:
                await response.send(b":\n\n")
                continue
            if frame is None:
                return
            await response.send(_frame(frame))


async def _body(request: Request, max_bytes: int) -> bytes:
    return await bodies_of(request.app).read(request, max_bytes)


def _frame(message: StreamOpened | FeedFrame) -> bytes:
    return encode_event(_encoder.encode(message))


def _json(body: msgspec.Struct, status: int) -> HTTPResponse:
    return raw(_encoder.encode(body), status=status, content_type="application/json")
