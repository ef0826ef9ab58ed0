"""The recent events, which the gateway sends again when the engine has restarted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import msgspec

from rasa_autoplay.link.messages import Event

__all__ = ["ReplayWindow"]

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


class ReplayWindow:
    """Buffers the events that the engine accepted, encoded, for as long as its triggers look back.

    Args:
        max_bytes: maximum size of the encoded events; beyond it, the oldest are dropped.
    """

    def __init__(self, max_bytes: int = 64 * 1024 * 1024) -> None:
        self.window_s = 300.0
        self._max_bytes = max_bytes
        self._stored: deque[tuple[float, bytes]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._stored)

    def store(self, event: Event, now: float) -> None:
        """Store an event that was accepted now (epoch seconds)."""
        encoded = _encoder.encode(event)
        self._stored.append((now, encoded))
        self._bytes += len(encoded)
        self.forget(now)

    def forget(self, now: float) -> None:
        """Drop events that are too old or too many."""
        while self._stored and (self._stored[0][0] < now - self.window_s or self._bytes > self._max_bytes):
            self._bytes -= len(self._stored.popleft()[1])

    def forget_those(self, is_theirs: Callable[[Event], bool]) -> None:
        """Drop some events, because their user's data is deleted."""
        kept = [each for each in self._stored if not is_theirs(_decoder.decode(each[1]))]
        self._stored = deque(kept)
        self._bytes = sum(len(encoded) for _, encoded in kept)

    def events(self, now: float) -> Iterator[Event]:
        """Return the events of the window that ends now, oldest first."""
        self.forget(now)
        return (_decoder.decode(encoded) for _, encoded in list(self._stored))
