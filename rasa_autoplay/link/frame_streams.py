"""Frames on their way from the engine to the gateways, over HTTP or within one process."""

from __future__ import annotations

import asyncio

from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.withdrawals import Withdrawals

__all__ = ["FrameStreams"]

_MAX_QUEUED_FRAMES = 10_000


class FrameStreams:
    """The frame streams to the gateways, one for each.

    An overflowing queue ends its stream (policy ``disconnect``). Then the gateway reconnects, lists its feeds
    and gets the offers that are still open.
    """

    def __init__(self) -> None:
        self._queues: dict[str, asyncio.Queue[FeedFrame | None]] = {}
        self._withdrawals = Withdrawals()
        self._closing = False

    def __len__(self) -> int:
        return len(self._queues)

    def push(self, gateway_id: str, frame: FeedFrame) -> bool:
        """Queue a frame for a gateway; return False if the gateway is not connected."""
        self._withdrawals.note(frame)
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

    async def next(self, queue: asyncio.Queue[FeedFrame | None]) -> FeedFrame | None:
        """Return a stream's next frame, without offers that were withdrawn; None at the stream's end."""
        while (frame := await queue.get()) is not None and self._withdrawals.include(frame):
            continue
        return frame

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
