"""Events that the vendor's connector pushes to ``POST /events``, as a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from rasa_autoplay.errors import AutoplayError, MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, parse_payload
from rasa_autoplay.gateway.sources.base import QueueFullError, WrongSecrets, quiet_remedy, source_health
from rasa_autoplay.gateway.sources.intake import Intake, Payload, Sink
from rasa_autoplay.gateway.sources.replays import Deliveries
from rasa_autoplay.gateway.sources.webhook import WebhookReceiver
from rasa_autoplay.settings.secret import Secret

__all__ = ["PushedEvents", "Unsigned"]

_QUESTION = "does the connector push to this server's …/webhooks/autoplay/events?"
_UNSIGNED = (
    "requests come with a wrong signature, and none with a right one: if they are the connector's, "
    "webhook_secret in credentials.yml is not its secret. Strangers send such requests, too."
)


class Unsigned(AutoplayError):
    """The signature is missing, or not that of this body."""


class PushedEvents:
    """Takes what is signed, once.

    Args:
        secret: shared with the connector.
        product_id: the channel's own.
        sink: takes each payload and the source's name.
        clock: epoch seconds.
    """

    name = "webhook"

    def __init__(self, secret: Secret, product_id: str, sink: Sink, clock: Callable[[], float]) -> None:
        if not secret:
            raise ValueError("without a secret anybody could push events")
        self._receiver = WebhookReceiver(secret.reveal())
        self._intake = Intake(product_id, self.name, sink, clock)
        self._deliveries = Deliveries()
        self._clock = clock
        self._started_at = clock()
        self._secrets = WrongSecrets(clock, _UNSIGNED)
        self._counts: Counter[str] = Counter()

    async def start(self) -> None:
        """Nothing to begin: the connector comes by itself."""

    async def stop(self) -> None:
        """Nothing to end."""

    def take(self, body: bytes, signature: str | None, sink: Sink | None = None) -> None:
        """Take one request. What has been here before is passed over: its sender is to be content.

        Args:
            body: the raw bytes.
            signature: the header ``X-Connector-Signature``.
            sink: takes the payload instead of the source's own sink.

        Raises:
            Unsigned: nothing was looked at.
            MalformedEvent: it is signed, but no payload.
            NoRoom: it may come again.
        """
        if not self._receiver.verify(body, signature):
            self._secrets.refused()
            self._counts["unsigned"] += 1
            raise Unsigned
        self._secrets.admitted()
        try:
            payload = parse_payload(body, self._intake.failures.note)
        except MalformedEvent:
            self._counts["malformed"] += 1
            raise
        sent_at, now = _sent_at(payload), self._clock()
        if self._deliveries.is_old(body, sent_at, now):
            self._counts["duplicate"] += 1
            return
        dropped = self._intake.counts["dropped"]
        self._intake.take(payload, sink)
        if self._intake.counts["dropped"] > dropped:
            raise QueueFullError
        self._deliveries.remember(body, sent_at, now)

    def forget(self, body: bytes) -> None:
        """Take back a request that is not safe: it may come again."""
        self._deliveries.forget(body)

    def health(self) -> dict[str, Any]:
        """State and counts, without the secret."""
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
    """When it was sent, epoch seconds; else when the newest of its actions began; 0 when it says neither."""
    if payload.forwarded_at or not isinstance(payload, ActionsPayload):
        return payload.forwarded_at
    return max((action.timestamp_start for action in payload.actions), default=0.0)
