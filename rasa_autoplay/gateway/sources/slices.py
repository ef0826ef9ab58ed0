"""Accepts a large batch in slices, so that the event loop serves others in between."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.events.models import ActionsPayload, LeftOut, SlimAction
from rasa_autoplay.events.payloads import read_payload
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Intake, Payload, Sink

__all__ = ["accept_in_slices", "parse_in_slices"]

#: The limits of a slice. The most hostile texts cost the masks 2 µs a character, so a slice takes less than
#: 30 ms.
_MAX_ACTIONS = 100
_MAX_CHARACTERS = 15_000


async def parse_in_slices(body: bytes, left_out: LeftOut) -> Payload:
    """Read one JSON payload, like ``parse_payload``; a large batch does not delay other requests.

    Args:
        body: the JSON.
        left_out: called with the problem of each action that is left out.

    Raises:
        MalformedEvent: the body is not JSON, no object, or of an unknown ``type``.
    """
    data = decode_json(body)
    elements = data.get("actions") if isinstance(data, dict) and data.get("type") == "actions" else None
    if not isinstance(elements, list) or len(elements) <= _MAX_ACTIONS:
        return read_payload(data, left_out)
    assert isinstance(data, dict)  # noqa: S101 - it has actions
    time_slice, parts = TimeSlice(), []
    for start in range(0, len(elements), _MAX_ACTIONS):
        part = {**data, "actions": elements[start : start + _MAX_ACTIONS]}
        parts.append(ActionsPayload.from_dict(part, left_out))
        await time_slice.yield_if_due()
    # If the batch itself has no identity, the first one of its actions is used.
    return msgspec.structs.replace(
        parts[0],
        session_id=next((part.session_id for part in parts if part.session_id), None),
        user_id=next((part.user_id for part in parts if part.user_id), None),
        email=next((part.email for part in parts if part.email), None),
        actions=[action for part in parts for action in part.actions],
    )


async def accept_in_slices(payload: Payload, intake: Intake, sink: Sink) -> None:
    """Check and accept a payload; a large batch is split into several, in the order of its actions' times.

    Args:
        payload: as it arrived; it is completed and masked.
        intake: checks it.
        sink: receives the checked payloads.

    Raises:
        QueueFullError: the queue had no room for all parts. If the sender sends the payload again, the
            session's window recognises the actions that were accepted.
    """
    time_slice, is_queue_full = TimeSlice(), False
    for part in _slices(payload):
        try:
            intake.accept(part, sink)
        except QueueFullError:
            is_queue_full = True
        await time_slice.yield_if_due()
    if is_queue_full:
        raise QueueFullError


def _slices(payload: Payload) -> Iterator[Payload]:
    """The payload in parts; a payload of usual size is not split."""
    if not isinstance(payload, ActionsPayload):
        yield payload
        return
    if len(payload.actions) <= _MAX_ACTIONS and sum(map(_characters, payload.actions)) <= _MAX_CHARACTERS:
        yield payload
        return
    actions: list[SlimAction] = []
    characters = 0
    for action in sorted(payload.actions, key=lambda action: action.timestamp_start):
        added = _characters(action)
        if actions and (len(actions) == _MAX_ACTIONS or characters + added > _MAX_CHARACTERS):
            yield _with_actions(payload, actions)
            actions, characters = [], 0
        actions.append(action)
        characters += added
    yield _with_actions(payload, actions)


def _with_actions(payload: ActionsPayload, actions: list[SlimAction]) -> ActionsPayload:
    return msgspec.structs.replace(payload, actions=actions, event_ids=[])


def _characters(action: SlimAction) -> int:
    """The length of the texts that the intake masks."""
    texts = (action.title, action.description, action.type, action.element_id, action.canonical_url)
    return sum(map(len, texts)) + len(action.raw_url)
