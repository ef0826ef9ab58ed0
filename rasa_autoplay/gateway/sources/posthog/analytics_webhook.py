"""Webhooks of analytics products: their servers post the events that they have collected.

Each product has its own format, which a :class:`WebhookKind` reads; everything else is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import LeftOut, unnoticed
from rasa_autoplay.gateway.sources.base import WrongSecrets
from rasa_autoplay.gateway.sources.intake import Delivery
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.pipeline import CapturePipeline
from rasa_autoplay.gateway.sources.posthog.remembered_users import EVERYBODY, RememberedUsers
from rasa_autoplay.gateway.sources.posthog.wire import (
    MAX_BYTES,
    CapturedEvent,
    CapturedRequest,
    PayloadTooLarge,
    read_events,
    split_events,
)
from rasa_autoplay.settings.secret import Secret

__all__ = ["AnalyticsWebhook", "WebhookKind"]

_STRANGERS = "No request arrives with the right one. (Such requests may also come from strangers.)"


@dataclass(frozen=True)
class WebhookKind:
    """The differences between the products.

    Args:
        name: the source's name in health and logs.
        read_event: reads an event, given its arrival in epoch seconds; None if it is not one.
        needed: what an event must have, for the error.
        header: the header that carries the secret; in ``authorization`` it is a bearer token.
        question: what to check if no event arrives.
        refused: the remedy if requests arrive without the secret.
        nothing_used: the remedy if no event can be used.
        rows: finds the events in the parsed body.
    """

    name: str
    read_event: Callable[[object, float], CapturedEvent | None]
    needed: str
    header: str
    question: str
    refused: str
    nothing_used: str
    rows: Callable[[object], object] = lambda content: content

    def read(self, body: bytes, received_at: float, left_out: LeftOut = unnoticed) -> CapturedRequest:
        """Read a body; the product's server has already corrected the browser's clock.

        Args:
            body: the raw body, JSON.
            received_at: when it arrived, epoch seconds.
            left_out: called with the problem of each event that failed.

        Raises:
            PayloadTooLarge: the body is too large, or contains thousands of events.
            MalformedEvent: the body contains no event.
        """
        if len(body) > MAX_BYTES:
            raise PayloadTooLarge(f"the body has more than {MAX_BYTES} bytes")
        elements, _ = split_events(self.rows(decode_json(body)))
        readable = read_events(elements, lambda element: self.read_event(element, received_at), left_out)
        if elements and not readable:
            raise MalformedEvent(f"the body contains no events; each must have {self.needed}")
        return CapturedRequest("", readable, len(elements) - len(readable), received_at)


class AnalyticsWebhook:
    """Accepts an analytics product's requests; the same clicks make the same batches as with capture.

    Args:
        kind: the product.
        product_id: the channel's own.
        secret: the secret that requests must carry.
        clock: epoch seconds.
        pages: the app's pages.
        users: those whose events may be read, and who may be remembered.
    """

    def __init__(
        self,
        kind: WebhookKind,
        product_id: str,
        secret: Secret,
        clock: Callable[[], float],
        pages: Pages | None = None,
        users: RememberedUsers = EVERYBODY,
    ) -> None:
        self.kind = kind
        self.name = kind.name
        self._secret = secret
        self._secrets = WrongSecrets(clock, f"{kind.refused} {_STRANGERS}")
        self._pipeline = CapturePipeline(kind.name, product_id, kind.question, clock, pages, users)
        self._refused = 0

    async def start(self) -> None:
        """Do nothing: the product's servers send requests."""

    def forget_user(self, user_id: str) -> None:
        """Forget the sessions of a user."""
        self._pipeline.forget_user(user_id)

    async def stop(self) -> None:
        """Cancel the requests that are being accepted."""
        await self._pipeline.stop()

    def admits(self, presented: str) -> bool:
        """Whether this is the secret; compared in constant time."""
        if self._secret and self._secret.matches(presented):
            self._secrets.admitted()
            return True
        self._refused += 1
        self._secrets.refused()
        return False

    async def accept(self, body: bytes, delivery: Delivery) -> dict[str, int]:
        """Accept one request.

        Args:
            body: the raw body.
            delivery: receives the batches.

        Returns:
            How many events were ``accepted`` as actions, and how many were ``malformed``.

        Raises:
            MalformedEvent: the body contains no event; a ``PayloadTooLarge`` if it is too large.
            QueueFullError: some batches were dropped; the product should send the request again.
            NotSafe: some events are not safe; the product should send the request again.
        """
        request = self._pipeline.decode(partial(self.kind.read, body))
        counts = (await self._pipeline.accept(request, delivery)).counts
        return {"accepted": counts.accepted, "malformed": counts.malformed}

    def health(self) -> dict[str, Any]:
        """State, counts and remedy; see :meth:`CapturePipeline.health`."""
        return self._pipeline.health(self._refused, self._secrets.remedy() or self._content_remedy())

    def _content_remedy(self) -> str:
        counts = self._pipeline.counts
        is_useless = not counts.accepted and (counts.malformed or self._pipeline.unreadable)
        return self.kind.nothing_used if is_useless else ""
