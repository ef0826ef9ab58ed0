"""PostHog capture, direct: posthog-js points its ``api_host`` at the Rasa server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rasa_autoplay.events.base import quiet_remedy, source_health
from rasa_autoplay.events.intake import Intake, Sink
from rasa_autoplay.events.pages import Pages
from rasa_autoplay.events.posthog.capture import CaptureReader
from rasa_autoplay.events.posthog.wire import decode_request

__all__ = ["CaptureSource"]

_QUESTION = "does the page load posthog-js, with api_host = <this server>/webhooks/autoplay/capture?"


class CaptureSource:
    """Turns capture requests into batches.

    Args:
        product_id: the channel's own; what the browser claims is ignored.
        sink: takes each batch and the source's name.
        clock: epoch seconds.
        pages: the app's pages.
    """

    name = "capture"

    def __init__(
        self, product_id: str, sink: Sink, clock: Callable[[], float], pages: Pages | None = None
    ) -> None:
        self._reader = CaptureReader(product_id, pages)
        self._intake = Intake(product_id, self.name, sink, clock)
        self._clock = clock
        self._unreadable = 0
        self._started_at = clock()

    async def start(self) -> None:
        """Nothing to begin: browsers come by themselves."""

    async def stop(self) -> None:
        """Nothing to end."""

    def take(self, body: bytes, content_type: str, query: Mapping[str, str]) -> None:
        """Read one request.

        Raises:
            MalformedEvent: the body cannot be read; a ``PayloadTooLarge`` when it is a bomb.
        """
        try:
            request = decode_request(body, content_type=content_type, query=query, received_at=self._clock())
        except Exception:
            self._unreadable += 1
            raise
        for payload in self._reader.read(request):
            self._intake.take(payload)

    def health(self) -> dict[str, Any]:
        """State and counts: of events, and under ``unreadable`` of whole requests."""
        now, last = self._clock(), self._intake.last_event_at
        counts = msgspec.structs.asdict(self._reader.counts)
        dropped = self._intake.counts["dropped"]
        return source_health(
            "connected" if last else "idle",
            {**counts, "dropped": dropped, "unreadable": self._unreadable},
            last_event_at=last,
            now=now,
            remedy=quiet_remedy(_QUESTION, last_event_at=last, started_at=self._started_at, now=now),
        )
