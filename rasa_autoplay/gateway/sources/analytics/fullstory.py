"""FullStory Streams: reads what a stream with the mapping of our documentation posts.

A FullStory stream posts one JSON object for each event, with the fields that its mapping names::

    event, target_text, element_name, page_url, timestamp, timestamp_unix, user_id, user_email, session_id

The names are those of the vendor's own mapping, so that a stream made for it can point here. ``event`` is
optional: without it, an object is a click.

Source: docs/sources.md, "FullStory"; the vendor's guide to FullStory streams.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from rasa_autoplay.events.models import LeftOut, parse_timestamp, unnoticed
from rasa_autoplay.gateway.sources.posthog.webhook import WebhookKind
from rasa_autoplay.gateway.sources.posthog.wire import (
    CapturedEvent,
    CapturedRequest,
    identifier,
    read_rows,
)

__all__ = ["FULLSTORY", "read_fullstory"]

_MAX_TEXT = 2_048
#: FullStory's name for an event, in lower case → the event and type that posthog-js would have sent.
_EVENTS = {
    "": ("$autocapture", "click"),
    "click": ("$autocapture", "click"),
    "element clicked": ("$autocapture", "click"),
    "change": ("$autocapture", "change"),
    "input changed": ("$autocapture", "change"),
    "form submitted": ("$autocapture", "submit"),
    "navigate": ("$pageview", ""),
    "page viewed": ("$pageview", ""),
    "visited page": ("$pageview", ""),
    "rage click": ("$rageclick", "click"),
    "rage clicked": ("$rageclick", "click"),
    "dead click": ("$dead_click", "click"),
    "dead clicked": ("$dead_click", "click"),
}


def read_fullstory(body: bytes, received_at: float, left_out: LeftOut = unnoticed) -> CapturedRequest:
    """Read the body of a request.

    Args:
        body: the raw body.
        received_at: when it arrived, epoch seconds.
        left_out: called with the problem of each event that failed.

    Raises:
        PayloadTooLarge: the body is too large, or holds thousands of events.
        MalformedEvent: nothing in it is an event.
    """
    return read_rows(
        body,
        _as_list,
        lambda element: _event(element, received_at),
        received_at,
        left_out,
        "a 'session_id' and a 'page_url'",
    )


def _as_list(content: object) -> object:
    return [content] if isinstance(content, dict) else content


def _event(element: object, received_at: float) -> CapturedEvent | None:
    if not isinstance(element, dict):
        return None
    session_id, page_url = _text(element, "session_id"), _text(element, "page_url")
    if not session_id or not page_url:
        return None
    name = _text(element, "event")
    event, event_type = _EVENTS.get(name.lower(), (name, ""))
    stated = parse_timestamp(element.get("timestamp")) or parse_timestamp(element.get("timestamp_unix"))
    return CapturedEvent(
        uuid=identifier(element.get("event_id")),
        event=event,
        distinct_id=_text(element, "user_id"),
        timestamp=min(stated or received_at, received_at),
        properties={
            # The mapping joins device and session by an encoded colon.
            "$session_id": unquote(session_id),
            "$current_url": page_url,
            "$event_type": event_type,
            "$is_identified": bool(_text(element, "user_id")),
            "email": _text(element, "user_email"),
            "$elements": [
                {
                    "$el_text": _text(element, "target_text"),
                    "attr__aria-label": _text(element, "element_name"),
                }
            ],
        },
    )


def _text(element: Mapping[str, Any], name: str) -> str:
    value = element.get(name)
    return value.strip()[:_MAX_TEXT] if isinstance(value, str) else identifier(value)


FULLSTORY = WebhookKind(
    name="fullstory",
    read=read_fullstory,
    header="authorization",
    question="is the FullStory stream saved and enabled, with this address?",
    refused="requests come with a wrong bearer token, or none: FullStory must send fullstory_secret of "
    "credentials.yml.",
    nothing_used="events come, but none holds what is needed: compare the stream's mapping with "
    "docs/sources.md.",
)
