"""Reads large capture requests in slices, so that the event loop serves others in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import msgspec

from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Intake, Sink
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.draft import CaptureCounts, Draft
from rasa_autoplay.gateway.sources.posthog.sender import ANY_SENDER, Sender
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest

__all__ = ["ReadResult", "read_in_slices"]

#: The most hostile event takes about 10 ms, so a slice takes 0.1 s. A request of usual size is not split.
_MAX_EVENTS = 10


class ReadResult(NamedTuple):
    """What became of a request's events.

    Args:
        is_refused: whether the sender may not send any of them.
        duplicates: ``seen_as`` of the events that an earlier request contained.
        counts: the outcomes of the events.
    """

    is_refused: bool
    duplicates: set[int]
    counts: CaptureCounts


async def read_in_slices(
    request: CapturedRequest,
    reader: CaptureReader,
    intake: Intake,
    sink: Sink,
    sender: Sender = ANY_SENDER,
) -> ReadResult:
    """Read a request and accept its batches, a slice at a time.

    Args:
        request: the captured request.
        reader: reads it.
        intake: checks the batches.
        sink: receives the batches.
        sender: who sent the request.

    Raises:
        QueueFullError: some batches were dropped; their events are new when they are sent again.
    """
    time_slice, is_refused, is_queue_full = TimeSlice(), True, False
    duplicates: set[int] = set()
    counts = CaptureCounts()
    for part in _slices(request):
        draft = reader.draft(part, sender)
        # Later slices may belong to other users, whose queues have room.
        is_queue_full = not _accept(draft, reader, intake, sink) or is_queue_full
        is_refused = is_refused and draft.is_refused
        duplicates |= draft.duplicates
        counts.add(draft.counts)
        await time_slice.yield_if_due()
    if is_queue_full:
        raise QueueFullError
    return ReadResult(is_refused, duplicates, counts)


def _accept(draft: Draft, reader: CaptureReader, intake: Intake, sink: Sink) -> bool:
    """Accept a draft's batches, and let the reader remember them; False if some were dropped."""
    accepted: list[int] = []
    try:
        for index, payload in enumerate(draft.batches):
            with suppress(QueueFullError):
                intake.accept(payload, sink)
                accepted.append(index)
    finally:
        reader.remember(draft, accepted)
    return len(accepted) == len(draft.batches)


def _slices(request: CapturedRequest) -> Iterator[CapturedRequest]:
    """The request in parts; a request of usual size is not split."""
    if len(request.events) <= _MAX_EVENTS:
        yield request
        return
    # In order of time, so that each slice knows the users that earlier events named.
    events = sorted(request.events, key=lambda event: event.timestamp)
    for start in range(0, len(events), _MAX_EVENTS):
        malformed = 0 if start else request.malformed
        yield msgspec.structs.replace(
            request, events=events[start : start + _MAX_EVENTS], malformed=malformed
        )
