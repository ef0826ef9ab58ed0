"""Reads events that the vendor's connector pushes: ``POST`` with ``X-Connector-Signature: sha256=<hex>``.

The signature is the HMAC-SHA256 of the raw body. Names and behaviour are those of the vendor's SDK, with
three differences: an upper-case digest is accepted, ``handle_sync`` raises for an asynchronous callback, and
``usertour_trigger`` is read if there is a callback for it.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import logging
from collections.abc import Callable
from typing import Any

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger
from rasa_autoplay.events.payloads import parse_payload

__all__ = ["WebhookReceiver"]

logger = logging.getLogger(__name__)

_Payload = ActionsPayload | SummaryPayload | UsertourTrigger


class WebhookReceiver:
    """Verifies and decodes pushed requests, and passes their payloads to callbacks.

    Args:
        secret: the signing secret; empty accepts every request (for trials only).
        on_actions: called with each ``ActionsPayload``; may be a coroutine function.
        on_summary: called with each ``SummaryPayload``; may be a coroutine function.
    """

    def __init__(
        self,
        secret: str = "",
        on_actions: Callable[[ActionsPayload], Any] | None = None,
        on_summary: Callable[[SummaryPayload], Any] | None = None,
    ) -> None:
        self._secret = secret
        self._callbacks: dict[type, Callable[[Any], Any] | None] = {
            ActionsPayload: on_actions,
            SummaryPayload: on_summary,
        }

    def __repr__(self) -> str:
        return f"WebhookReceiver(secret={'set' if self._secret else 'unset'})"

    def on_actions(self, fn: Callable[[ActionsPayload], Any]) -> WebhookReceiver:
        """Call ``fn`` with each batch of actions; replaces the previous callback."""
        self._callbacks[ActionsPayload] = fn
        return self

    def on_summary(self, fn: Callable[[SummaryPayload], Any]) -> WebhookReceiver:
        """Call ``fn`` with each summary; replaces the previous callback."""
        self._callbacks[SummaryPayload] = fn
        return self

    def on_usertour_trigger(self, fn: Callable[[UsertourTrigger], Any]) -> WebhookReceiver:
        """Call ``fn`` with each request for a tour (not in the vendor's SDK)."""
        self._callbacks[UsertourTrigger] = fn
        return self

    def verify(self, body: bytes, signature_header: str | None) -> bool:
        """Whether this is the signature of this body.

        Args:
            body: the raw bytes, before any decoding.
            signature_header: the header as received.
        """
        if not self._secret:
            return True
        algorithm, _, received = (signature_header or "").strip().partition("=")
        if algorithm != "sha256":
            return False
        expected = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        # As bytes, because compare_digest() raises for text that is not ASCII.
        return hmac.compare_digest(expected.encode(), received.lower().encode("utf-8", "replace"))

    def parse(self, body: bytes) -> _Payload | None:
        """Decode a body.

        Returns:
            The payload; None if there is none, and for ``usertour_trigger`` without a callback, because code
            written for the vendor's SDK expects only actions and summaries.
        """
        try:
            payload = parse_payload(body)
        except MalformedEvent as problem:
            logger.warning("A pushed event was skipped: %s", problem)
            return None
        return payload if type(payload) in self._callbacks else None

    async def handle(self, body: bytes, signature_header: str | None = None) -> _Payload | None:
        """Verify and decode a body, and call the callback. An exception of the callback is only logged.

        Returns:
            The payload, as ``parse`` returns it.

        Raises:
            ValueError: the signature is wrong or missing.
        """
        payload = self._open(body, signature_header)
        callback = self._callbacks.get(type(payload))
        if payload is not None and callback is not None:
            try:
                outcome = callback(payload)
                if inspect.isawaitable(outcome):
                    await outcome
            except Exception:
                _log_failure(payload)
        return payload

    def handle_sync(self, body: bytes, signature_header: str | None = None) -> _Payload | None:
        """``handle`` for frameworks without an event loop.

        Raises:
            ValueError: the signature is wrong or missing.
            TypeError: the callback is asynchronous.
        """
        payload = self._open(body, signature_header)
        callback = self._callbacks.get(type(payload))
        if payload is None or callback is None:
            return payload
        try:
            outcome = callback(payload)
        except Exception:
            _log_failure(payload)
            return payload
        if inspect.isawaitable(outcome):
            if inspect.iscoroutine(outcome):
                outcome.close()
            raise TypeError("handle_sync() cannot run an asynchronous callback; await handle() instead")
        return payload

    def _open(self, body: bytes, signature_header: str | None) -> _Payload | None:
        if not self.verify(body, signature_header):
            raise ValueError("Invalid X-Connector-Signature")
        return self.parse(body)


def _log_failure(payload: _Payload) -> None:
    logger.exception(
        "The callback for a pushed %s of session %s raised", type(payload).__name__, payload.session_id
    )
