"""The subscription to the connector's SSE stream, as a source."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import SourceRefused
from rasa_autoplay.gateway.sources.base import QueueFullError, quiet_remedy, source_health
from rasa_autoplay.gateway.sources.connector import AsyncConnectorClient
from rasa_autoplay.gateway.sources.intake import Intake, Payload, Sink
from rasa_autoplay.gateway.sources.replays import Deliveries
from rasa_autoplay.gateway.sources.slices import accept_in_slices

__all__ = ["StreamSubscription"]

logger = logging.getLogger(__name__)

_QUESTION = "is the destination enabled?"
_encoder = msgspec.json.Encoder()


class StreamSubscription:
    """Subscribes to ``stream.url`` for as long as the server runs.

    Args:
        url: the URL of the connector's stream.
        token: the stream's bearer token.
        product_id: the channel's own.
        sink: receives each payload and the source's name.
        clock: epoch seconds.
    """

    name = "stream"

    def __init__(
        self,
        url: str,
        token: str,
        product_id: str,
        sink: Sink,
        clock: Callable[[], float],
    ) -> None:
        self._intake = Intake(product_id, self.name, clock)
        self._sink = sink
        self._deliveries = Deliveries()
        self._duplicates = 0
        self._clock = clock
        self._client = AsyncConnectorClient(url=url, token=token, left_out=self._intake.failures.record)
        self._client.on_actions(self._accept).on_summary(self._accept).on_usertour_trigger(self._accept)
        self._task: asyncio.Task[None] | None = None
        self._started_at = clock()

    async def _accept(self, payload: Payload) -> None:
        # Only the content counts: after an interruption, a stream may repeat payloads of any age.
        try:
            body, now = _encoder.encode(payload), self._clock()
        except Exception as problem:
            self._intake.failures.record(problem)
            return
        if self._deliveries.is_old(body, 0.0, now):
            self._duplicates += 1
            return
        # If the queue is full, the payload is not remembered: it is new when the stream repeats it.
        with suppress(QueueFullError):
            await accept_in_slices(payload, self._intake, self._sink)
            self._deliveries.remember(body, 0.0, now)

    async def start(self) -> None:
        """Subscribe."""
        self._started_at = self._clock()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="autoplay stream")

    async def _run(self) -> None:
        try:
            await self._client.run()
        except SourceRefused:
            return  # the client has logged it, and health shows it
        except Exception:
            logger.exception("The subscription to the connector's stream has failed and is not retried.")

    async def stop(self) -> None:
        """Unsubscribe."""
        self._client.stop()
        await end_tasks([self._task])

    def health(self) -> dict[str, Any]:
        """State, counts and remedy."""
        now, last = self._clock(), self._intake.last_event_at
        state = self._client.state
        quiet = quiet_remedy(_QUESTION, last_event_at=last, started_at=self._started_at, now=now)
        frames = self._client.counts
        # Accepted frames are counted by the intake.
        del frames["accepted"]
        return source_health(
            state,
            {
                **frames,
                "duplicate": self._duplicates,
                **self._intake.counts,
                **self._intake.failures.counts,
            },
            last_event_at=last,
            now=now,
            remedy=self._client.remedy or (quiet if state == "connected" else ""),
        )
