"""Webhooks of analytics products: their servers post what they have collected.

Each product has its own form, which a :class:`WebhookKind` reads; all else is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, LeftOut
from rasa_autoplay.gateway.sources.base import WrongSecrets, quiet_remedy, source_health
from rasa_autoplay.gateway.sources.intake import Intake, Payload, Sink
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.slices import read_in_slices
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest
from rasa_autoplay.settings.secret import Secret

__all__ = ["AnalyticsWebhook", "WebhookKind"]

_STRANGERS = "None comes with the right one. (Strangers send such requests, too.)"


@dataclass(frozen=True)
class WebhookKind:
    """What differs between the products.

    Args:
        name: the source's name in health and logs.
        read: reads a body, given its arrival in epoch seconds and who is told of events that fail.
        header: where requests carry the secret; in ``authorization`` it is a bearer token.
        question: what to check when nothing comes.
        refused: the remedy when requests come without the secret.
        nothing_used: the remedy when no event could be used.
    """

    name: str
    read: Callable[[bytes, float, LeftOut], CapturedRequest]
    header: str
    question: str
    refused: str
    nothing_used: str


class AnalyticsWebhook:
    """Turns what an analytics product posts into batches, the same as capture makes of the same clicks.

    Args:
        kind: which product.
        product_id: the channel's own.
        secret: what requests must present.
        clock: epoch seconds.
        pages: the app's pages.
    """

    def __init__(
        self,
        kind: WebhookKind,
        product_id: str,
        secret: Secret,
        clock: Callable[[], float],
        pages: Pages | None = None,
    ) -> None:
        self.kind = kind
        self.name = kind.name
        self._secret = secret
        self._intake = Intake(product_id, self.name, clock)
        self._reader = CaptureReader(product_id, pages, left_out=self._intake.failures.note)
        self._secrets = WrongSecrets(clock, f"{kind.refused} {_STRANGERS}")
        self._clock = clock
        self._started_at = clock()
        self._unreadable = self._refused = 0

    async def start(self) -> None:
        """Nothing to begin: requests come by themselves."""

    async def stop(self) -> None:
        """Nothing to end."""

    def admits(self, presented: str) -> bool:
        """Is this the secret? Compared in constant time."""
        if self._secret and self._secret.matches(presented):
            self._secrets.admitted()
            return True
        self._refused += 1
        self._secrets.refused()
        return False

    async def accept(self, body: bytes, sink: Sink) -> dict[str, int]:
        """Read one request.

        Args:
            body: as it came.
            sink: receives the batches.

        Returns:
            How many events were ``accepted`` as actions, and how many were ``malformed``.

        Raises:
            MalformedEvent: nothing in the body is an event; a ``PayloadTooLarge`` when it is too much.
            NoRoom: it may come again; what had room is known then.
        """
        before = self._reader.counts.accepted, self._reader.counts.malformed
        try:
            request = self.kind.read(body, self._clock(), self._intake.failures.note)
        except MalformedEvent:
            self._unreadable += 1
            raise
        await read_in_slices(request, self._reader, self._intake, sink)
        counts = self._reader.counts
        return {"accepted": counts.accepted - before[0], "malformed": counts.malformed - before[1]}

    def forget(self, payloads: Iterable[Payload]) -> None:
        """Take back batches that are not safe: their events may come again."""
        for payload in payloads:
            if isinstance(payload, ActionsPayload):
                self._reader.forget(payload)

    def health(self) -> dict[str, Any]:
        """State and counts: of events; ``unreadable`` and ``refused`` (wrong secret) are whole requests."""
        last = self._intake.last_event_at
        counts = msgspec.structs.asdict(self._reader.counts)
        requests = {"unreadable": self._unreadable, "refused": self._refused}
        return source_health(
            "connected" if last else "idle",
            {**counts, **self._intake.refused, "dropped": self._intake.counts["dropped"], **requests},
            last_event_at=last,
            now=self._clock(),
            remedy=self._remedy(),
            hints=self._reader.setup.hints(),
        )

    def _remedy(self) -> str:
        if remedy := self._secrets.remedy():
            return remedy
        if not self._reader.counts.accepted and (self._reader.counts.malformed or self._unreadable):
            return self.kind.nothing_used
        return quiet_remedy(
            self.kind.question,
            last_event_at=self._intake.last_event_at,
            started_at=self._started_at,
            now=self._clock(),
        )
