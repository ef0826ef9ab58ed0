"""Streams the events of all sources to programs that subscribe, as the vendor's connector does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from rasa_autoplay.common.http.sse import encode_event
from rasa_autoplay.gateway.sources.intake import Payload

__all__ = ["EventStreams", "Subscription"]

#: Overflow policy ``disconnect``: a program that is too slow is disconnected, and can connect again.
_MAX_QUEUED_FRAMES = 1_000
_MAX_SUBSCRIPTIONS = 100
_HEARTBEAT_S = 15.0
_HEARTBEAT = encode_event("{}", event="heartbeat")
_encoder = msgspec.json.Encoder()


class Subscription:
    """One program's queue of frames."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue(_MAX_QUEUED_FRAMES + 1)

    async def next(self) -> bytes | None:
        """Return the next frame, a heartbeat after 15 s without one, or None at the stream's end."""
        try:
            return await asyncio.wait_for(self._frames.get(), _HEARTBEAT_S)
        except asyncio.TimeoutError:
            return _HEARTBEAT

    def put(self, frame: bytes) -> bool:
        """Queue a frame; if the program is too slow, end its stream and return False."""
        if self._frames.qsize() < _MAX_QUEUED_FRAMES:
            self._frames.put_nowait(frame)
            return True
        self.end()
        return False

    def end(self) -> None:
        """End the stream; what is queued is dropped."""
        while not self._frames.empty():
            self._frames.get_nowait()
        self._frames.put_nowait(None)


class EventStreams:
    """All subscriptions of this server."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self.counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._subscriptions)

    @property
    def is_full(self) -> bool:
        """Whether no further program can subscribe."""
        return len(self._subscriptions) >= _MAX_SUBSCRIPTIONS

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Receive every event from now on, until the context ends."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def publish(self, payload: Payload) -> None:
        """Send a payload to every subscription; costs nothing without one."""
        if not self._subscriptions:
            return
        frame = encode_event(_encoder.encode(payload))
        for subscription in list(self._subscriptions):
            if not subscription.put(frame):
                self.counts["disconnected"] += 1
                self._subscriptions.discard(subscription)

    def end_all(self) -> None:
        """End every stream, because the server stops."""
        for subscription in self._subscriptions:
            subscription.end()
