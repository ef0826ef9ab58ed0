"""Reads the requests of Amplitude's event stream (an HTTP destination).

A body is one event, a list of events, or ``{"events": […]}``, in the form of Amplitude's event export. Only
the events that its Browser SDK captures by itself, such as ``[Amplitude] Element Clicked``, become actions;
the app's own events are counted as ignored.

Source: Amplitude's documentation on autocapture (Browser SDK 2) and on the fields of exported events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.events.wire_values import parse_timestamp
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import WebhookKind
from rasa_autoplay.gateway.sources.posthog.wire import (
    CapturedEvent,
    identifier,
    short_text,
    user_identifier,
)

__all__ = ["AMPLITUDE"]

_MAX_TEXT = 2_048
_PREFIX = "[Amplitude] "
#: Amplitude's event name without its prefix → the event and type that posthog-js would have sent.
_EVENTS = {
    "Page Viewed": ("$pageview", ""),
    "Element Clicked": ("$autocapture", "click"),
    "Element Changed": ("$autocapture", "change"),
    "Form Submitted": ("$autocapture", "submit"),
    "Rage Click": ("$rageclick", "click"),
    "Dead Click": ("$dead_click", "click"),
}


def _as_list(content: object) -> object:
    if isinstance(content, dict):
        return content["events"] if isinstance(content.get("events"), list) else [content]
    return content


def _event(element: object, received_at: float) -> CapturedEvent | None:
    if not isinstance(element, dict):
        return None
    name = element.get("event_type")
    if not isinstance(name, str) or not name.strip():
        return None
    event, event_type = _EVENTS.get(name.strip().removeprefix(_PREFIX), (name.strip()[:_MAX_TEXT], ""))
    stated = parse_timestamp(element.get("event_time")) or parse_timestamp(element.get("time"))
    return CapturedEvent(
        uuid=identifier(
            element.get("uuid") or element.get("insert_id") or element.get("$insert_id"),
        ),
        event=event,
        distinct_id=user_identifier(element.get("user_id")) or identifier(element.get("device_id")),
        timestamp=min(stated or received_at, received_at),
        properties=_properties(element, event_type),
    )


def _properties(element: Mapping[str, Any], event_type: str) -> dict[str, Any]:
    """The fields under the names that posthog-js uses."""
    own, user = _mapping(element, "event_properties"), _mapping(element, "user_properties")
    return {
        "$session_id": _session_id(element),
        "$current_url": short_text(own, f"{_PREFIX}Page URL") or short_text(own, f"{_PREFIX}Page Location"),
        "$device_id": identifier(element.get("device_id")),
        "$event_type": event_type,
        # Amplitude sends no user id before setUserId(); distinct_id is then the device's id.
        "$is_identified": bool(identifier(element.get("user_id"))),
        "$timezone": element.get("timezone"),
        "$set": user,
        "email": short_text(user, "email"),
        "$elements": [_element(own)],
    }


def _session_id(element: Mapping[str, Any]) -> str:
    """The device's id with the session's start in milliseconds, which alone is not unique."""
    started = identifier(element.get("session_id"))
    # -1 means that the event belongs to no session.
    return f"{identifier(element.get('device_id'))}:{started}" if started not in ("", "-1") else ""


def _element(properties: Mapping[str, Any]) -> dict[str, str]:
    return {
        "tag_name": short_text(properties, f"{_PREFIX}Element Tag").lower(),
        "$el_text": short_text(properties, f"{_PREFIX}Element Text"),
        "attr__id": short_text(properties, f"{_PREFIX}Element ID"),
        "attr__aria-label": short_text(properties, f"{_PREFIX}Element Aria Label"),
        "attr__href": short_text(properties, f"{_PREFIX}Element Href"),
    }


def _mapping(element: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = element.get(name)
    return value if isinstance(value, dict) else {}


AMPLITUDE = WebhookKind(
    name="amplitude",
    read_event=_event,
    needed="a text 'event_type'",
    header="authorization",
    question="is the event stream of Amplitude enabled, with this address?",
    refused="requests arrive with a wrong bearer token, or none. Amplitude must send amplitude_secret of "
    "credentials.yml.",
    nothing_used="events arrive, but none that Amplitude captures by itself. Enable autocapture.",
    rows=_as_list,
)
