"""Events that the vendor's connector pushes to ``POST /events``, as a source."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from rasa_autoplay.common.tracing.current import child_span
from rasa_autoplay.errors import AutoplayError, MalformedEvent
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.base import NotSafe, WrongSecrets, quiet_remedy, source_health
from rasa_autoplay.gateway.sources.connector_webhook import WebhookReceiver
from rasa_autoplay.gateway.sources.intake import Delivery, Intake, Payload
from rasa_autoplay.gateway.sources.replays import Deliveries
from rasa_autoplay.gateway.sources.slices import accept_in_slices, parse_in_slices
from rasa_autoplay.settings.secret import Secret

__all__ = ["PushedEvents", "Unsigned"]

_QUESTION = "does the connector push to this server's …/webhooks/autoplay/events?"
_UNSIGNED = (
    "requests arrive with a wrong signature, and none with a right one. If the connector sends them, "
    "webhook_secret in credentials.yml is not its secret. (Such requests may also come from strangers.)"
)


class Unsigned(AutoplayError):
    """The signature is missing, or not that of this body."""


class PushedEvents:
    """Accepts signed requests, each body once.

    Args:
        secret: shared with the connector.
        product_id: the channel's own.
        clock: epoch seconds.
    """

    name = "webhook"

    def __init__(self, secret: Secret, product_id: str, clock: Callable[[], float]) -> None:
        if not secret:
            raise ValueError("a secret is required; otherwise anybody could push events")
        self._receiver = WebhookReceiver(secret.reveal())
        self._intake = Intake(product_id, self.name, clock)
        self._deliveries = Deliveries()
        self._clock = clock
        self._started_at = clock()
        self._secrets = WrongSecrets(clock, _UNSIGNED)
        self._counts: Counter[str] = Counter()
        #: By the body's hash: set when its request ends.
        self._in_progress: dict[int, asyncio.Event] = {}

    async def start(self) -> None:
        """Do nothing: the connector sends requests."""

    async def stop(self) -> None:
        """Do nothing: the server stops accepting requests."""

    async def accept(self, body: bytes, signature: str | None, delivery: Delivery) -> None:
        """Accept one request. A body that was accepted before is only counted.

        Args:
            body: the raw bytes.
            signature: the header ``X-Connector-Signature``.
            delivery: receives the request's payloads.

        Raises:
            Unsigned: the signature is missing or wrong.
            MalformedEvent: the body is not a payload.
            QueueFullError: the sender should send the request again.
            NotSafe: the sender should send the request again.
        """
        if not self._receiver.verify(body, signature):
            self._secrets.refused()
            self._counts["unsigned"] += 1
            raise Unsigned
        self._secrets.admitted()
        async with self._in_turn(body):
            await self._accept(body, delivery)

    @asynccontextmanager
    async def _in_turn(self, body: bytes) -> AsyncIterator[None]:
        """Handle one request at a time for each body: a copy is a duplicate only if the first succeeds."""
        key = hash(body)
        while (earlier := self._in_progress.get(key)) is not None:
            await earlier.wait()
        finished = self._in_progress[key] = asyncio.Event()
        try:
            yield
        finally:
            del self._in_progress[key]
            finished.set()

    async def _accept(self, body: bytes, delivery: Delivery) -> None:
        try:
            payload = await parse_in_slices(body, self._intake.failures.record)
        except MalformedEvent:
            self._counts["malformed"] += 1
            raise
        sent_at, now = _sent_at(payload), self._clock()
        if self._deliveries.is_old(body, sent_at, now):
            self._counts["duplicate"] += 1
            return
        with child_span("intake"):
            await accept_in_slices(payload, self._intake, delivery.accept)
        if await delivery.unsafe():
            raise NotSafe
        self._deliveries.remember(body, sent_at, now)

    def health(self) -> dict[str, Any]:
        """State, counts and remedy."""
        now, last = self._clock(), self._intake.last_event_at
        return source_health(
            "connected" if last else "idle",
            self._counts + self._intake.counts + self._intake.failures.counts,
            last_event_at=last,
            now=now,
            remedy=self._secrets.remedy()
            or quiet_remedy(_QUESTION, last_event_at=last, started_at=self._started_at, now=now),
        )


def _sent_at(payload: Payload) -> float:
    """When a payload was sent, epoch seconds, or when its newest action began; 0 if neither is known."""
    if payload.forwarded_at or not isinstance(payload, ActionsPayload):
        return payload.forwarded_at
    return max((action.timestamp_start for action in payload.actions), default=0.0)
