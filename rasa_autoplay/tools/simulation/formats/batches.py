"""Reads batches as the Autoplay connector sends them: actions, summaries and orders of tours."""

from __future__ import annotations

import msgspec

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.events.payloads import parse_payload
from rasa_autoplay.gateway.sources.intake import Payload

__all__ = [
    "MIN_MILLISECONDS",
    "NOT_A_BATCH",
    "decode_batch",
    "is_regular",
    "read_batch",
    "read_regular_batch",
]

#: Decodes regular batches in one step. The lenient reader handles all others.
decode_batch = msgspec.json.Decoder(ActionsPayload).decode
#: What the decoder raises for anything else.
NOT_A_BATCH = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
#: Timestamps from this number on are milliseconds.
MIN_MILLISECONDS = 1e11


def read_regular_batch(text: bytes) -> ActionsPayload | None:
    """Return a batch of actions, or None if the text is anything else, or has irregular fields."""
    try:
        batch = decode_batch(text)
    except NOT_A_BATCH:
        return None
    return batch if is_regular(batch) else None


def is_regular(batch: ActionsPayload) -> bool:
    """Whether a batch names its session and user, and has times in seconds."""
    if not (batch.session_id and batch.user_id):
        return False
    return all(0 <= action.timestamp_start < MIN_MILLISECONDS for action in batch.actions)


def read_batch(text: bytes) -> Payload:
    """Return a batch, a summary or a tour order.

    Raises:
        MalformedEvent: it is none of these.
    """
    return read_regular_batch(text) or parse_payload(text)
