"""Reads large requests in slices, so that the event loop serves others in between."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Intake, Sink
from rasa_autoplay.gateway.sources.posthog.capture import ANY_SENDER, CaptureReader, Sender, hand_on
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest

__all__ = ["read_in_slices"]

#: The most hostile event takes less than 1 ms, so a slice takes less than 50 ms.
_SLICE = 50


async def read_in_slices(
    request: CapturedRequest,
    reader: CaptureReader,
    intake: Intake,
    sink: Sink,
    sender: Sender = ANY_SENDER,
) -> bool:
    """Read a request and let its batches in, a slice at a time, so that a large one holds up nobody else.

    Args:
        request: what was captured.
        reader: reads it.
        intake: checks the batches.
        sink: receives the batches.
        sender: who has sent it.

    Returns:
        False when the sender may not send any of it.

    Raises:
        NoRoom: some batches found none; their events are new when they come again.
    """
    turn, is_refused, has_room = TimeSlice(), True, True
    for part in _slices(request):
        draft = reader.draft(part, sender)
        try:
            hand_on(draft, reader, intake, sink)
        except QueueFullError:
            # Slices behind it may belong to others, for whom there is room.
            has_room = False
        is_refused = is_refused and draft.is_refused
        await turn.yield_if_due()
    if not has_room:
        raise QueueFullError
    return not is_refused


def _slices(request: CapturedRequest) -> Iterator[CapturedRequest]:
    """The request in parts; one of a usual size stays whole."""
    if len(request.events) <= _SLICE:
        yield request
        return
    # In order of time, so that each slice knows what the ones before it say of the user.
    events = sorted(request.events, key=lambda event: event.timestamp)
    for start in range(0, len(events), _SLICE):
        malformed = 0 if start else request.malformed
        yield msgspec.structs.replace(request, events=events[start : start + _SLICE], malformed=malformed)
