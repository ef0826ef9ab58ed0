"""The link to an engine in the same process and event loop: no network, and the same guarantees."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.tracing.current import child_span, outgoing_trace_parent
from rasa_autoplay.errors import BatchRefused, EngineUnreachable
from rasa_autoplay.link.base import (
    EngineRefused,
    FrameHandler,
    SettledHandler,
    no_observer,
    read_reply,
)
from rasa_autoplay.link.engine_side import EngineSide
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Batch, BatchAnswer, Event, FeedInfo, Reply, UpMessage
from rasa_autoplay.link.replies import reply_to
from rasa_autoplay.link.request_decoder import decode_request
from rasa_autoplay.link.request_types import EngineRequest, tag_of
from rasa_autoplay.link.uplink import Uplink

__all__ = ["LocalLink"]

logger = logging.getLogger(__name__)

AnswerT = TypeVar("AnswerT")

#: How long the stop waits for the queued messages, and for the requests that the engine is answering.
_STOP_S = 5.0
#: How long to wait after an overflow of frames.
_REOPEN_S = 0.1

_encoder = msgspec.json.Encoder()
_batches = msgspec.json.Decoder(Batch)


class LocalLink:
    """Calls the engine directly, and reads its frames from a queue.

    Both sides receive copies, encoded and decoded as over HTTP: what one side changes in a payload later is
    not changed for the other, and what cannot be encoded is refused.

    Args:
        product_id: the product that the gateway is configured for.
        engine: runs in this event loop. The caller starts it before the link, and stops it after the link.
        streams: where the engine pushes frames.
        clock: epoch seconds.
    """

    def __init__(
        self, product_id: str, engine: EngineSide, streams: FrameStreams, clock: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._streams = streams
        self._uplink = Uplink(product_id, self._apply, clock)
        self._tasks: list[asyncio.Task[None]] = []
        #: A reference to each request that the engine is answering keeps its task alive.
        self._answering: set[asyncio.Task[Reply]] = set()
        self._is_reading = False

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
        self._uplink.watch_feeds(open_feeds)
        self._uplink.watch_settled(on_settled)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._uplink.run(), name="autoplay link, up"),
            loop.create_task(self._read_frames(on_frame), name="autoplay link, down"),
        ]

    def forget(self, user_id: str, is_theirs: Callable[[Event], bool]) -> None:
        """Forget a user; see :class:`rasa_autoplay.link.base.Link`."""
        self._uplink.forget(is_theirs)

    async def stop(self) -> None:
        """Apply the queued messages, finish the requests, then end."""
        await end_tasks(self._tasks)
        await self._uplink.drain(_STOP_S)
        if self._answering:
            await asyncio.wait(self._answering, timeout=_STOP_S)

    def health(self) -> dict[str, Any]:
        """State and counts."""
        connected = self._is_reading and not self._uplink.problem
        health: dict[str, Any] = {
            "type": "in_process",
            "state": "connected" if connected else "connecting",
            **self._uplink.health(),
        }
        if self._uplink.problem:
            health["remedy"] = self._uplink.problem
        return health

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Send a request to the engine; see :class:`rasa_autoplay.link.base.Link`."""
        with child_span(f"ask {tag_of(request)}", "client"):
            return await self._ask(request, timeout_s)

    async def _ask(self, request: EngineRequest[AnswerT], timeout_s: float) -> AnswerT:
        decoded = decode_request(_encoder.encode(request))
        replying = reply_to(self._engine, decoded, outgoing_trace_parent())
        answering = asyncio.get_running_loop().create_task(replying)
        self._answering.add(answering)
        answering.add_done_callback(self._answering.discard)
        # A caller that hangs up cancels only its wait; the engine finishes the request.
        done, _ = await asyncio.wait([answering], timeout=timeout_s)
        if not done:
            raise EngineUnreachable(
                f"The engine has not answered {tag_of(request)} within {timeout_s:g} s.",
                remedy="It runs in the Rasa server, which is overloaded, or its language model or database "
                "is slow.",
            )
        return read_reply(request, answering.result())

    async def ask_every_engine(
        self, request: EngineRequest[AnswerT], timeout_s: float = 5.0
    ) -> list[AnswerT]:
        """Send a request to the only engine; see :class:`rasa_autoplay.link.base.Link`."""
        return [await self.ask(request, timeout_s)]

    async def _apply(self, batch: Batch) -> BatchAnswer:
        try:
            copy = _batches.decode(_encoder.encode(batch))
        except (ValueError, OverflowError, msgspec.MsgspecError) as problem:
            raise BatchRefused(f"It cannot be encoded as JSON ({type(problem).__name__}).") from None
        try:
            answer = await self._engine.apply_batch(copy)
        except EngineRefused as refusal:
            raise EngineUnreachable(refusal.message, remedy=refusal.remedy) from None
        # The engine ends with this process, so the gateway never sends recent events again.
        return msgspec.structs.replace(answer, replay_window_s=0.0)

    async def _read_frames(self, on_frame: FrameHandler) -> None:
        while True:
            await self._read_until_overflow(on_frame)
            # The feeds are then listed again, and the engine sends the open offers again.
            await asyncio.sleep(_REOPEN_S)

    async def _read_until_overflow(self, on_frame: FrameHandler) -> None:
        gateway_id = self._uplink.gateway_id
        queue = self._streams.open(gateway_id)
        self._uplink.announce_feeds()
        self._is_reading = True
        try:
            while (frame := await self._streams.next(queue)) is not None:
                await _handle(on_frame, frame)
        finally:
            self._is_reading = False
            if self._streams.closed(gateway_id, queue):
                self._engine.gateway_lost(gateway_id)


async def _handle(on_frame: FrameHandler, frame: FeedFrame) -> None:
    try:
        await on_frame(frame)
    except Exception:
        logger.exception("A frame of the engine could not be delivered.")
