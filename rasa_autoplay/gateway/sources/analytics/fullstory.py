"""Reads the requests of a FullStory stream that uses the mapping from our documentation.

A FullStory stream posts one JSON object for each event, with the fields that its mapping names::

    event, target_text, element_name, page_url, timestamp, timestamp_unix, user_id, user_email, session_id

The names are those of the vendor's mapping, so a stream that was made for the vendor works here, too.
``event`` is optional: without it, an object is a click. So are ``user_properties`` and ``timezone``.

Source: docs/sources.md, "FullStory"; the vendor's guide to FullStory streams.
"""

from __future__ import annotations

from urllib.parse import unquote

from rasa_autoplay.events.user_facts import facts_of
from rasa_autoplay.events.wire_values import parse_timestamp
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import WebhookKind
from rasa_autoplay.gateway.sources.posthog.wire import (
    CapturedEvent,
    identifier,
    short_text,
    user_identifier,
)

__all__ = ["FULLSTORY"]

#: FullStory's event name in lower case → the event and type that posthog-js would have sent.
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


def _as_list(content: object) -> object:
    return [content] if isinstance(content, dict) else content


def _event(element: object, received_at: float) -> CapturedEvent | None:
    if not isinstance(element, dict):
        return None
    session_id, page_url = short_text(element, "session_id"), short_text(element, "page_url")
    if not session_id or not page_url:
        return None
    name = short_text(element, "event")
    event, event_type = _EVENTS.get(name.lower(), (name, ""))
    stated = parse_timestamp(element.get("timestamp")) or parse_timestamp(element.get("timestamp_unix"))
    return CapturedEvent(
        uuid=identifier(element.get("event_id")),
        event=event,
        distinct_id=user_identifier(element.get("user_id")),
        timestamp=min(stated or received_at, received_at),
        properties={
            # The mapping joins device and session with an encoded colon.
            "$session_id": unquote(session_id),
            "$current_url": page_url,
            "$event_type": event_type,
            "$is_identified": bool(short_text(element, "user_id")),
            "email": short_text(element, "user_email"),
            "$timezone": element.get("timezone"),
            "$set": facts_of(element).properties,
            "$elements": [
                {
                    "$el_text": short_text(element, "target_text"),
                    "attr__aria-label": short_text(element, "element_name"),
                }
            ],
        },
    )


FULLSTORY = WebhookKind(
    name="fullstory",
    read_event=_event,
    needed="a 'session_id' and a 'page_url'",
    header="authorization",
    question="is the FullStory stream saved and enabled, with this address?",
    refused="requests arrive with a wrong bearer token, or none. FullStory must send fullstory_secret of "
    "credentials.yml.",
    nothing_used="events arrive, but none has the required fields. Compare the stream's mapping with "
    "docs/sources.md.",
    rows=_as_list,
)
