"""Events that the vendor's connector pushes: ``POST`` with ``X-Connector-Signature: sha256=<hex>``.

The signature is HMAC-SHA256 of the raw body. Names and behaviour are those of the vendor's SDK, except that
an upper-case digest is accepted, that ``handle_sync`` really raises for an asynchronous callback, and that
``usertour_trigger`` is understood where a callback wants it.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import logging
from collections.abc import Callable
from typing import Any

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger, parse_payload

__all__ = ["WebhookReceiver"]

logger = logging.getLogger(__name__)

_Payload = ActionsPayload | SummaryPayload | UsertourTrigger


class WebhookReceiver:
    """Verifies, reads and hands on what was pushed.

    Args:
        secret: the signing secret; empty accepts everything (for trying things out).
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
        """Call ``fn`` with each batch of actions, instead of what was called so far."""
        self._callbacks[ActionsPayload] = fn
        return self

    def on_summary(self, fn: Callable[[SummaryPayload], Any]) -> WebhookReceiver:
        """Call ``fn`` with each summary, instead of what was called so far."""
        self._callbacks[SummaryPayload] = fn
        return self

    def on_usertour_trigger(self, fn: Callable[[UsertourTrigger], Any]) -> WebhookReceiver:
        """Call ``fn`` with each order to start a tour (not in the vendor's SDK)."""
        self._callbacks[UsertourTrigger] = fn
        return self

    def verify(self, body: bytes, signature_header: str | None) -> bool:
        """Is this the signature of this body?

        Args:
            body: the raw bytes, before any decoding.
            signature_header: as received, whatever it holds.
        """
        if not self._secret:
            return True
        algorithm, _, received = (signature_header or "").strip().partition("=")
        if algorithm != "sha256":
            return False
        expected = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        # As bytes: compare_digest raises for text that is not ASCII.
        return hmac.compare_digest(expected.encode(), received.lower().encode("utf-8", "replace"))

    def parse(self, body: bytes) -> _Payload | None:
        """Read a body.

        Returns:
            None for what is no payload, and for ``usertour_trigger`` while nobody asked for it, since code
            written for the vendor's SDK expects actions and summaries only.
        """
        try:
            payload = parse_payload(body)
        except MalformedEvent as problem:
            logger.warning("A pushed event was skipped: %s", problem)
            return None
        return payload if type(payload) in self._callbacks else None

    async def handle(self, body: bytes, signature_header: str | None = None) -> _Payload | None:
        """Verify, read and hand on; a callback's exception is logged, since the sender cannot help it.

        Returns:
            The payload, as ``parse`` reads it.

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
            raise TypeError("handle_sync() cannot run an asynchronous callback: await handle() instead")
        return payload

    def _open(self, body: bytes, signature_header: str | None) -> _Payload | None:
        if not self.verify(body, signature_header):
            raise ValueError("Invalid X-Connector-Signature")
        return self.parse(body)


def _log_failure(payload: _Payload) -> None:
    logger.exception(
        "The callback for a pushed %s of session %s raised", type(payload).__name__, payload.session_id
    )
