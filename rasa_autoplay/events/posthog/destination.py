"""PostHog destination webhook: PostHog's own servers post what they have ingested.

A body is one object or a list of them. Any field may be null, missing, a number where a text is meant, or the
word that a template makes of nothing::

    event, timestamp, session_id, distinct_id, current_url, referrer,
    event_type, elements_chain, element_id, button_or_link_text, input_field_name, link_destination, email

What the destination that we print (``rasa-autoplay posthog-destination``) sends besides is used where it is
there: ``uuid``, by which a repeated event is known, and ``is_identified`` and ``device_id``, which tell an
anonymous visitor from a user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.base import LatestProblem, quiet_remedy, source_health
from rasa_autoplay.events.intake import Intake, Payload, Sink
from rasa_autoplay.events.lenient_json import decode_json
from rasa_autoplay.events.models import ActionsPayload, LeftOut, parse_timestamp, unnoticed
from rasa_autoplay.events.pages import Pages
from rasa_autoplay.events.posthog.capture import CaptureReader, hand_on
from rasa_autoplay.events.posthog.elements import parse_chain
from rasa_autoplay.events.posthog.wire import (
    MAX_BYTES,
    CapturedEvent,
    CapturedRequest,
    PayloadTooLarge,
    identifier,
    read_events,
    split_events,
)
from rasa_autoplay.settings.secret import Secret

__all__ = ["DestinationSource", "read_destination"]

_MAX_TEXT = 2_048
_MAX_CHAIN = 100_000
#: What templates make of a value that is not there.
_NOTHING = frozenset({"", "null", "none", "undefined"})
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}

_QUESTION = "is the destination enabled?"
_REFUSED = (
    "requests come with a wrong x-posthog-secret, or none: the destination must send posthog_secret of "
    "credentials.yml."
)
_NOTHING_USED = (
    "events come, but none holds what is needed: compare the destination's source with what "
    "`rasa-autoplay posthog-destination` prints."
)


class DestinationSource:
    """Turns what a PostHog destination posts into batches, the same as capture makes of the same clicks.

    Args:
        product_id: the channel's own.
        secret: what the header must hold.
        sink: takes each batch and the source's name.
        clock: epoch seconds.
        pages: the app's pages.
    """

    name = "posthog"

    def __init__(
        self,
        product_id: str,
        secret: Secret,
        sink: Sink,
        clock: Callable[[], float],
        pages: Pages | None = None,
    ) -> None:
        self._secret = secret
        self._intake = Intake(product_id, self.name, sink, clock)
        self._reader = CaptureReader(product_id, pages, left_out=self._intake.failures.note)
        self._problem = LatestProblem(clock)
        self._clock = clock
        self._started_at = clock()
        self._unreadable = self._refused = 0

    async def start(self) -> None:
        """Nothing to begin: PostHog comes by itself."""

    async def stop(self) -> None:
        """Nothing to end."""

    def admits(self, presented: str) -> bool:
        """Is this the secret? Compared in constant time."""
        if self._secret and self._secret.matches(presented):
            return True
        self._refused += 1
        self._problem.note(_REFUSED)
        return False

    def take(self, body: bytes, sink: Sink | None = None) -> dict[str, int]:
        """Read one request.

        Args:
            body: as it came.
            sink: takes the batches instead of the source's own sink.

        Returns:
            How many events were ``accepted`` as actions, and how many were ``malformed``.

        Raises:
            MalformedEvent: nothing in the body is an event; a ``PayloadTooLarge`` when it is too much.
            NoRoom: it may come again; what had room is known then.
        """
        before = self._reader.counts.accepted, self._reader.counts.malformed
        try:
            request = read_destination(body, self._clock(), self._intake.failures.note)
        except MalformedEvent:
            self._unreadable += 1
            raise
        hand_on(self._reader.draft(request), self._reader, self._intake, sink)
        counts = self._reader.counts
        return {"accepted": counts.accepted - before[0], "malformed": counts.malformed - before[1]}

    def forget(self, payloads: Iterable[Payload]) -> None:
        """Take back batches that are not safe: their events may come again."""
        for payload in payloads:
            if isinstance(payload, ActionsPayload):
                self._reader.forget(payload)

    def health(self) -> dict[str, Any]:
        """State and counts: of events; ``unreadable`` and ``refused`` (wrong secret) are whole requests."""
        last = self._intake.last_event_at
        counts = msgspec.structs.asdict(self._reader.counts)
        requests = {"unreadable": self._unreadable, "refused": self._refused}
        return source_health(
            "connected" if last else "idle",
            {**counts, **self._intake.refused, "dropped": self._intake.counts["dropped"], **requests},
            last_event_at=last,
            now=self._clock(),
            remedy=self._remedy(),
            hints=self._reader.setup.hints(),
        )

    def _remedy(self) -> str:
        if remedy := self._problem.remedy():
            return remedy
        if not self._reader.counts.accepted and (self._reader.counts.malformed or self._unreadable):
            return _NOTHING_USED
        return quiet_remedy(
            _QUESTION,
            last_event_at=self._intake.last_event_at,
            started_at=self._started_at,
            now=self._clock(),
        )


def read_destination(body: bytes, received_at: float, left_out: LeftOut = unnoticed) -> CapturedRequest:
    """Read a destination's body as capture's requests are read.

    Args:
        body: the raw body.
        received_at: our clock at arrival, epoch seconds.
        left_out: is told of each event that failed.

    Raises:
        PayloadTooLarge: the body is too large, or holds thousands of events.
        MalformedEvent: nothing in it is an event.
    """
    if len(body) > MAX_BYTES:
        raise PayloadTooLarge(f"the body has more than {MAX_BYTES} bytes")
    elements, _ = split_events(decode_json(body))
    readable = read_events(elements, lambda element: _event(element, received_at), left_out)
    if elements and not readable:
        raise MalformedEvent("the body holds no events: each must have a text 'event'")
    # PostHog has put the browser's clock right already.
    return CapturedRequest("", readable, len(elements) - len(readable), received_at)


def _event(element: object, received_at: float) -> CapturedEvent | None:
    if not isinstance(element, dict):
        return None
    name = element.get("event")
    if not isinstance(name, str) or not name.strip():
        return None
    return CapturedEvent(
        uuid=identifier(element.get("uuid")),
        event=name.strip()[:_MAX_TEXT],
        distinct_id=_text(element, "distinct_id"),
        timestamp=min(parse_timestamp(element.get("timestamp")) or received_at, received_at),
        properties=_properties(element),
    )


def _properties(element: Mapping[str, Any]) -> dict[str, Any]:
    """The fields under the names that posthog-js has for them."""
    email = _text(element, "email")
    properties: dict[str, Any] = {
        "$session_id": _text(element, "session_id"),
        "$current_url": _text(element, "current_url"),
        "$device_id": _text(element, "device_id"),
        "$event_type": _text(element, "event_type") or _likely_event_type(element),
        "email": email,
    }
    is_identified = _TRUTHS.get(str(element.get("is_identified")).lower())
    if is_identified is None and email:
        # Without it, a user whose id is a UUID looks like a visitor; but of visitors nobody has the address.
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
    """What the fields tell of the element, where there is no chain; empty when nothing."""
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
    value = element.get(name)
    text = value.strip()[:max_length] if isinstance(value, str) else identifier(value)
    return "" if text.lower() in _NOTHING else text
