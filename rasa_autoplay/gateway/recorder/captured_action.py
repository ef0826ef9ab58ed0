"""Reads a recorder's event exactly as the capture reads posthog-js, so that both give the same action."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from rasa_autoplay.common.http.responses import BadRequest
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.sources.intake import Intake, Payload
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import decode_request

__all__ = ["read_action"]

_SOURCE = "recorder"
#: What is read of an event. The recorder has no user, so nothing else can identify one.
_PROPERTIES = ("$event_type", "$current_url", "$elements", "$elements_chain", "$el_text", "title")
_EVENTS = ("$autocapture", "$pageview")


def read_action(event: Mapping[str, Any], product_id: str, pages: Pages) -> SlimAction:
    """Return the masked action of an event.

    Args:
        event: shaped as posthog-js's ``$autocapture`` or ``$pageview``: ``{event, properties}``.
        product_id: the channel's product.
        pages: the app's pages.

    Raises:
        BadRequest: 400, the event becomes no action.
    """
    name, properties = event.get("event"), event.get("properties")
    if name not in _EVENTS or not isinstance(properties, Mapping):
        raise BadRequest(f"'event' must be {' or '.join(_EVENTS)} with its properties")
    known = {key: properties[key] for key in _PROPERTIES if key in properties}
    known |= {"$session_id": _SOURCE, "distinct_id": _SOURCE}
    accepted: list[Payload] = []
    try:
        request = decode_request(
            msgspec.json.encode({"event": name, "properties": known}),
            content_type="application/json",
            query={},
            received_at=time.time(),
        )
        intake = Intake(product_id, _SOURCE, time.time)
        for payload in CaptureReader(product_id, pages).read(request):
            intake.accept(payload, lambda each, _source: accepted.append(each))
    except (MalformedEvent, RecursionError) as problem:
        raise BadRequest(f"'event' cannot be read: {problem}") from None
    actions = [action for each in accepted if isinstance(each, ActionsPayload) for action in each.actions]
    if not actions:
        raise BadRequest(
            "'event' is not a user's action",
            remedy="The capture reads a click, a change, a submit and a page view, but nothing in an element "
            "with the class ph-no-capture, and nothing in the copilot's own interface.",
        )
    return actions[0]
