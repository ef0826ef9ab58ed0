"""How long events and toasts take in this process, by its own monotonic clock (decision 83)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from rasa_autoplay.common.metrics.histogram import Histogram
from rasa_autoplay.common.metrics.metric import Reading, plain
from rasa_autoplay.gateway.metrics import catalogue
from rasa_autoplay.link.base import SettledHandler
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Event, UpMessage

__all__ = ["Latencies"]


class Latencies:
    """Measures events and toasts.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._events_s, self._toasts_s = Histogram(), Histogram()
        self._toasts = 0

    def arrived(self, event: Event) -> None:
        """Record that an event has arrived now. A millisecond is exact enough, and short on the link."""
        event.arrived_at = round(self._clock(), 3)

    def watching(self, on_settled: SettledHandler) -> SettledHandler:
        """Return a handler that also measures how long accepted events waited."""

        def settled(message: UpMessage, is_accepted: bool) -> None:
            if is_accepted and isinstance(message, Event) and message.arrived_at:
                self._events_s.observe(self._clock() - message.arrived_at)
            on_settled(message, is_accepted)

        return settled

    def written(self, frame: FeedFrame) -> None:
        """Record that a frame was written to a page's connection."""
        if not frame.id:
            return  # no toast
        self._toasts += 1
        if frame.caused_at:
            self._toasts_s.observe(self._clock() - frame.caused_at)

    def readings(self) -> Iterator[Reading]:
        """Read what was measured."""
        yield plain(catalogue.ACTION_TO_SENT, self._toasts_s)
        yield plain(catalogue.EVENT_SECONDS, self._events_s)
        yield plain(catalogue.TOASTS, self._toasts)
