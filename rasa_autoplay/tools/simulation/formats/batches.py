"""Reads batches as the Autoplay connector sends them: actions, summaries and orders of tours."""

from __future__ import annotations

import msgspec

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.events.payloads import parse_payload
from rasa_autoplay.gateway.sources.intake import Payload

__all__ = ["read_batch", "read_regular_batch"]

#: Decodes regular batches in one step. The lenient reader handles all others.
_BATCHES = msgspec.json.Decoder(ActionsPayload)
#: Timestamps from this number on are milliseconds.
_MIN_MILLISECONDS = 1e11


def read_regular_batch(text: bytes) -> ActionsPayload | None:
    """Return a batch of actions, or None if the text is anything else, or has irregular fields."""
    try:
        batch = _BATCHES.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    has_names = batch.session_id and batch.user_id
    if has_names and all(0 <= action.timestamp_start < _MIN_MILLISECONDS for action in batch.actions):
        return batch
    return None


def read_batch(text: bytes) -> Payload:
    """Return a batch, a summary or a tour order.

    Raises:
        MalformedEvent: it is none of these.
    """
    return read_regular_batch(text) or parse_payload(text)
