"""Decodes the requests of posthog-js into events, without interpreting them.

The library has often changed its wire format, and pages use old versions for years. These forms are read:

* The body is gzip (whatever the content type and the query say: 1.449 sends it as ``text/plain``), JSON, a
  form with ``data=`` (base64 of JSON, or JSON), or empty with ``?data=`` in the query (image beacons of old
  versions).
* The JSON is ``{"api_key", "batch": […], "sent_at"}``, one event, an array of events, or ``{"data": […]}``.
* An event's time is ``timestamp``, or ``offset``: milliseconds before the request was sent.

A browser's clock may be wrong by hours. If the request says when it was sent (``sent_at``, or ``_`` in the
query of old versions), the difference from its arrival converts its events' times to our clock.

Source: posthog-js 1.449.2 (``request.ts``, ``request-queue.ts``) and recordings of it and of 1.249.0.
"""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from rasa_autoplay.common.identity.canonical_ids import id_text
from rasa_autoplay.common.identity.ids import MAX_ID_BYTES
from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import LeftOut, unnoticed
from rasa_autoplay.events.wire_values import named_id, parse_timestamp

__all__ = [
    "MAX_BYTES",
    "CapturedEvent",
    "CapturedRequest",
    "PayloadTooLarge",
    "decode_request",
    "identifier",
    "read_events",
    "session_ids",
    "short_text",
    "split_events",
    "user_identifier",
]

#: The largest body that is read, before and after decompression.
MAX_BYTES = 5 * 1024 * 1024
#: The library sends every 3 s; a day offline gives hundreds of events, not thousands.
_MAX_EVENTS = 5_000
#: One more than the limit of ids, so that a cut id is still recognised as too long and refused later.
_MAX_ID = MAX_ID_BYTES + 1
_MAX_TEXT = 2_048

#: The largest ``offset``: a year.
_MAX_AGO_MS = 365 * 86_400_000

_GZIP_MAGIC = b"\x1f\x8b"
#: The deepest valid nesting is a form with base64 of gzip of JSON.
_MAX_PACKING = 3


class PayloadTooLarge(MalformedEvent):
    """A body that is too large before or after decompression; answered with 413."""


class CapturedEvent(msgspec.Struct, gc=False):
    """One event as posthog-js sent it.

    Args:
        uuid: the event's id, which stays the same if it is sent again; ``""`` if the library sends none.
        event: ``$pageview``, ``$autocapture``, …
        distinct_id: the person, anonymous or identified; ``""`` if missing.
        timestamp: when it happened, epoch seconds of our clock; never later than the request's arrival.
        properties: the event's properties, including the person's ``$set``.
    """

    uuid: str
    event: str
    distinct_id: str
    timestamp: float
    properties: dict[str, Any]


class CapturedRequest(msgspec.Struct):
    """One request of posthog-js.

    Args:
        api_key: the project key (``phc_…``) of the request; ``""`` if the events carry their own.
        events: the readable events, in the order of the body.
        malformed: the number of elements that are not events.
        received_at: when the request arrived, epoch seconds.
        clock_offset: our clock at arrival minus the browser's clock at sending, in seconds: the difference of
            the clocks plus the transfer time. None if the request does not say when it was sent.
    """

    api_key: str
    events: list[CapturedEvent]
    malformed: int = 0
    received_at: float = 0.0
    clock_offset: float | None = None


def session_ids(request: CapturedRequest) -> list[str]:
    """The analytics sessions that a request names, each once, in the order of the body."""
    named = (event.properties.get("$session_id") for event in request.events)
    return list(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def decode_request(
    body: bytes,
    *,
    content_type: str,
    query: Mapping[str, str],
    received_at: float,
    max_bytes: int = MAX_BYTES,
    left_out: LeftOut = unnoticed,
) -> CapturedRequest:
    """Read one capture request in any of the forms above.

    Args:
        body: the raw body.
        content_type: the header; only a hint, the bytes decide.
        query: the decoded query parameters.
        received_at: our clock at arrival, epoch seconds.
        max_bytes: limit of the body, before and after decompression.
        left_out: called with the problem of each event that failed.

    Raises:
        PayloadTooLarge: the body exceeds ``max_bytes``, or contains thousands of events.
        MalformedEvent: the body is not a capture request.
    """
    if _parameter(query, "compression").startswith("lz64"):
        raise MalformedEvent(
            "the body is compressed with lz64, which is not supported.",
            remedy="Update posthog-js to 1.30 or later.",
        )
    packed = body or _parameter(query, "data").encode()
    content = _unpack(packed, "form" if "form-urlencoded" in content_type.lower() else "", max_bytes)
    envelope = decode_json(content)
    elements, head = split_events(envelope)
    sent_at = _sent_at(head, query)
    offset = received_at - sent_at if sent_at else None
    readable = read_events(elements, lambda element: _event(element, received_at, offset), left_out)
    return CapturedRequest(
        api_key=_api_key(head, query),
        events=readable,
        malformed=len(elements) - len(readable),
        received_at=received_at,
        clock_offset=offset,
    )


def _parameter(query: Mapping[str, str], name: str) -> str:
    value: object = query.get(name, "")
    # The mappings of some frameworks contain lists.
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def _unpack(data: bytes, hint: str, max_bytes: int, packing: int = 0) -> bytes:
    """Decode gzip, form and base64 until the content is JSON; the bytes show which encoding it is."""
    if len(data) > max_bytes:
        raise PayloadTooLarge(f"the body has more than {max_bytes} bytes")
    if packing > _MAX_PACKING:
        raise MalformedEvent("the body is packed too often")
    start = data[:64].lstrip()
    if start[:1] in (b"{", b"["):
        return data
    if data.startswith(_GZIP_MAGIC):
        return _unpack(_gunzip(data, max_bytes), "", max_bytes, packing + 1)
    if start.startswith(b"data=") or (hint == "form" and b"data=" in data):
        return _unpack(_form_data(data), "base64", max_bytes, packing + 1)
    return _unpack(_base64(data), "", max_bytes, packing + 1)


def _gunzip(data: bytes, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        # At most one byte more than allowed is decompressed, so a zip bomb does no harm.
        content = inflater.decompress(data, max_bytes + 1)
    except zlib.error:
        raise MalformedEvent("the body is damaged gzip") from None
    if len(content) > max_bytes:
        raise PayloadTooLarge(f"the body unpacks to more than {max_bytes} bytes")
    if not inflater.eof:
        raise MalformedEvent("the body is incomplete gzip")
    return content


def _form_data(data: bytes) -> bytes:
    try:
        fields = parse_qs(data.decode(), max_num_fields=20)
    except ValueError:  # not UTF-8, or too many fields
        raise MalformedEvent("the body is not a readable form") from None
    return fields.get("data", [""])[0].encode()


def _base64(data: bytes) -> bytes:
    # A "+" that was not URL-encoded has become a space.
    plain = data.strip().replace(b" ", b"+").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        content = binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    except ValueError:
        content = b""
    if not content:
        raise MalformedEvent("the body is neither JSON, gzip, nor a form with data=")
    return content


def read_events(
    elements: Iterable[object], read: Callable[[object], CapturedEvent | None], left_out: LeftOut
) -> list[CapturedEvent]:
    """Read the elements that are events.

    Args:
        elements: parsed JSON.
        read: returns None for an element that is not an event.
        left_out: called with the problem of each event that failed.
    """
    events = []
    for element in elements:
        try:
            event = read(element)
        except Exception as problem:
            left_out(problem)
        else:
            events += [] if event is None else [event]
    return events


def split_events(envelope: object) -> tuple[list[object], dict[str, Any]]:
    """The events, and the object with their common fields (a single event itself; empty for an array).

    Raises:
        PayloadTooLarge: there are thousands of events.
        MalformedEvent: there are none in any known form.
    """
    elements, head = _elements(envelope)
    if len(elements) > _MAX_EVENTS:
        raise PayloadTooLarge(f"the request contains {len(elements)} events; the limit is {_MAX_EVENTS}")
    return elements, head


def _elements(envelope: object) -> tuple[list[object], dict[str, Any]]:
    if isinstance(envelope, dict):
        for key in ("batch", "data"):
            inner = envelope.get(key)
            if isinstance(inner, list):
                return inner, envelope
        if "event" in envelope:
            return [envelope], envelope
    elif isinstance(envelope, list):
        return envelope, {}
    raise MalformedEvent("the body contains no events")


def _sent_at(head: Mapping[str, Any], query: Mapping[str, str]) -> float:
    """When the browser sent the request, by its own clock; 0 if the request does not say."""
    stated = parse_timestamp(head.get("sent_at"))
    if stated:
        return stated
    for name in ("sent_at", "_"):
        text = _parameter(query, name)
        # Milliseconds; a shorter number is only a cache buster.
        if len(text) >= 12 and text.isdecimal():
            return parse_timestamp(text)
    return 0.0


def _event(element: object, received_at: float, clock_offset: float | None) -> CapturedEvent | None:
    if not isinstance(element, dict):
        return None
    name = element.get("event")
    properties = element.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(name, str) or not name or not isinstance(properties, dict):
        return None
    person = element.get("$set")
    if isinstance(person, dict):
        properties.setdefault("$set", person)
    return CapturedEvent(
        uuid=identifier(element.get("uuid")) or identifier(properties.get("$insert_id")),
        event=name[:_MAX_ID],
        distinct_id=user_identifier(element.get("distinct_id"))
        or user_identifier(properties.get("distinct_id")),
        timestamp=_happened_at(element, properties, received_at, clock_offset),
        properties=properties,
    )


def identifier(value: object) -> str:
    """An id as text of limited length; ``""`` if it is not an id. Numbers are ids, too."""
    return (id_text(value) or "")[:_MAX_ID]


def user_identifier(value: object) -> str:
    """The id of an event's user, as text of limited length; ``""`` if it has none.

    Raises:
        MalformedEvent: it is neither a text nor a whole number.
    """
    return named_id(value)[:_MAX_ID]


def short_text(fields: Mapping[str, Any], name: str, max_length: int = _MAX_TEXT) -> str:
    """A text field, cut to ``max_length`` characters; numbers count as text."""
    value = fields.get(name)
    return value.strip()[:max_length] if isinstance(value, str) else identifier(value)


def _happened_at(
    element: Mapping[str, Any], properties: Mapping[str, Any], received_at: float, clock_offset: float | None
) -> float:
    stated = parse_timestamp(element.get("timestamp"))
    ago_ms = element.get("offset")
    if not stated and isinstance(ago_ms, (int, float)) and not isinstance(ago_ms, bool):
        # Relative to the sending, so the browser's clock does not matter.
        return received_at - min(max(ago_ms, 0), _MAX_AGO_MS) / 1000
    stated = stated or parse_timestamp(properties.get("$time"))
    if not stated:
        return received_at
    return min(stated + (clock_offset or 0.0), received_at)


def _api_key(head: Mapping[str, Any], query: Mapping[str, str]) -> str:
    stated = identifier(head.get("api_key")) or identifier(head.get("token"))
    return stated or (_parameter(query, "api_key") or _parameter(query, "token"))[:_MAX_ID]
