"""Reads the webhook of a PostHog destination: PostHog's servers post the events that they have ingested.

A body is one object or a list of objects. Any field may be null, missing, a number instead of a text, or the
word that a template renders for a missing value::

    event, timestamp, session_id, distinct_id, current_url, referrer,
    event_type, elements_chain, element_id, button_or_link_text, input_field_name, link_destination, email

The destination that ``rasa-autoplay posthog-destination`` prints sends more fields, which are optional:
``uuid``, by which a repeated event is recognised, ``is_identified`` and ``device_id``, which distinguish
anonymous visitors from users, ``timezone``, and ``user_properties``, the person's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.events.user_facts import facts_of
from rasa_autoplay.events.wire_values import parse_timestamp
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import WebhookKind
from rasa_autoplay.gateway.sources.posthog.elements import parse_chain
from rasa_autoplay.gateway.sources.posthog.wire import (
    CapturedEvent,
    identifier,
    short_text,
    user_identifier,
)

__all__ = ["POSTHOG"]

_MAX_TEXT = 2_048
_MAX_CHAIN = 100_000
#: What templates render for a missing value.
_NOTHING = frozenset({"", "null", "none", "undefined"})
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def _event(element: object, received_at: float) -> CapturedEvent | None:
    if not isinstance(element, dict):
        return None
    name = element.get("event")
    if not isinstance(name, str) or not name.strip():
        return None
    return CapturedEvent(
        uuid=identifier(element.get("uuid")),
        event=name.strip()[:_MAX_TEXT],
        distinct_id=_or_nothing(user_identifier(element.get("distinct_id"))),
        timestamp=min(parse_timestamp(element.get("timestamp")) or received_at, received_at),
        properties=_properties(element),
    )


def _properties(element: Mapping[str, Any]) -> dict[str, Any]:
    """The fields under the names that posthog-js uses."""
    email = _text(element, "email")
    properties: dict[str, Any] = {
        "$session_id": _text(element, "session_id"),
        "$current_url": _text(element, "current_url"),
        "$device_id": _text(element, "device_id"),
        "$event_type": _text(element, "event_type") or _likely_event_type(element),
        "$timezone": element.get("timezone"),
        "$set": facts_of(element).properties,
        "email": email,
    }
    is_identified = _TRUTHS.get(str(element.get("is_identified")).lower())
    if is_identified is None and email:
        # Visitors have no e-mail address. Without this, a user whose id is a UUID would seem to be a visitor.
        is_identified = True
    if is_identified is not None:
        properties["$is_identified"] = is_identified
    chain = _text(element, "elements_chain", _MAX_CHAIN)
    if chain and parse_chain(chain):
        properties["$elements_chain"] = chain
    elif described := _described_element(element):
        properties["$elements"] = [described]
    return properties


def _described_element(element: Mapping[str, Any]) -> dict[str, str]:
    """The element that the other fields describe, if there is no chain; empty if they do not."""
    text, field = _text(element, "button_or_link_text"), _text(element, "input_field_name")
    link, element_id = _text(element, "link_destination"), _text(element, "element_id")
    if not (text or field or link or element_id):
        return {}
    tag = "a" if link else "input" if field else ""
    return {
        "tag_name": tag,
        "$el_text": text,
        "attr__id": element_id,
        "attr__name": field,
        "attr__href": link,
    }


def _likely_event_type(element: Mapping[str, Any]) -> str:
    is_field = _text(element, "input_field_name") and not _text(element, "button_or_link_text")
    return "change" if is_field else "click"


def _text(element: Mapping[str, Any], name: str, max_length: int = _MAX_TEXT) -> str:
    return _or_nothing(short_text(element, name, max_length))


def _or_nothing(text: str) -> str:
    return "" if text.lower() in _NOTHING else text


POSTHOG = WebhookKind(
    name="posthog",
    read_event=_event,
    needed="a text 'event'",
    header="x-posthog-secret",
    question="is the destination enabled?",
    refused="requests arrive with a wrong x-posthog-secret, or none. The destination must send "
    "posthog_secret of credentials.yml.",
    nothing_used="events arrive, but none has the required fields. Compare the destination's source with "
    "what `rasa-autoplay posthog-destination` prints.",
)
