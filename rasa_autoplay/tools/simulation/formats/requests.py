"""Reads requests of posthog-js, one per line; ``tests/recordings/posthog/README.md`` describes the format."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.wire_values import parse_timestamp
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest, decode_request
from rasa_autoplay.tools.simulation.formats.entry import LeftOut

__all__ = ["read_request"]

#: posthog-js requests configuration and flags from these paths; such requests contain no events.
_NO_EVENTS = ("/flags", "/decide", "/array", "/static", "/s/")


def read_request(record: Mapping[str, Any]) -> CapturedRequest | LeftOut:
    """Return the events of a request.

    Args:
        record: ``{method, path, query, headers, body_base64, received_at}``, or with ``decoded``, the JSON of
            the body, in place of ``body_base64``.

    Raises:
        MalformedEvent: it contains no events.
    """
    path = str(record.get("path") or "")
    if str(record.get("method") or "POST").upper() != "POST" or path.startswith(_NO_EVENTS):
        return LeftOut("other_requests")
    received_at = parse_timestamp(record.get("received_at"))
    if not received_at:
        raise MalformedEvent("the request does not say when it was received (received_at)")
    headers = record.get("headers")
    return decode_request(
        _body(record),
        content_type=str(headers.get("content-type", "")) if isinstance(headers, dict) else "",
        query=dict(parse_qsl(str(record.get("query") or ""), keep_blank_values=True)),
        received_at=received_at,
    )


def _body(record: Mapping[str, Any]) -> bytes:
    encoded = record.get("body_base64")
    if not encoded:
        return msgspec.json.encode(record.get("decoded"))
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise MalformedEvent("body_base64 is not base64") from None
