"""Reads recordings of different formats as moments in order of time.

A line is one of these:

* a batch as the Autoplay connector sends it (``type``: ``actions``, ``summary``, ``usertour_trigger``), also
  as an SSE line that begins with ``data:``;
* a request that posthog-js made, as ``{"method", "path", "query", "headers", "body_base64", "received_at"}``
  (or ``decoded``, the JSON of its body); ``tests/recordings/posthog/README.md`` describes the format.

Lines go through the same intake as live events. Then batches are split into single actions, which are sorted
by their own times: the replay follows what the user did, not how the network delivered it.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.errors import MalformedEvent, UnusableRecording
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.events.payloads import parse_payload
from rasa_autoplay.events.wire_values import parse_timestamp
from rasa_autoplay.gateway.sources.intake import Intake, Payload
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import decode_request
from rasa_autoplay.tools.simulation.files import Line, find_files, lines_of

__all__ = ["Recordings", "Unreadable", "read_recordings", "store_payload"]

#: How many unreadable lines are listed; all are counted.
_MAX_LISTED = 100
_UNLIMITED = 1 << 62
#: Decodes regular batches, which are most lines, in one step. The lenient reader handles all others.
_BATCHES = msgspec.json.Decoder(ActionsPayload)
#: Timestamps from this number on are milliseconds.
_MIN_MILLISECONDS = 1e11
#: posthog-js requests configuration and flags from these paths; such requests contain no events.
_NO_EVENTS = ("/flags", "/decide", "/array", "/static", "/s/")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that was skipped.

    Args:
        place: ``file:line``.
        reason: why it was skipped.
    """

    place: str
    reason: str


@dataclass
class Recordings:
    """The content of all recordings.

    Args:
        files: the files in the order of reading.
        moments: the moments in order of time; moments at the same time are in the order of the files.
        unreadable: the first skipped lines.
        skipped: how many items were left out, by reason.
        other_products: how many batches of other products were left out, by product.
    """

    files: list[Path]
    moments: list[Moment] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    other_products: Counter[str] = field(default_factory=Counter)


def read_recordings(
    paths: Sequence[Path], product_id: str, read_bytes: Callable[[int], object] = int
) -> Recordings:
    """Read files and folders of recordings.

    Args:
        paths: files and folders.
        product_id: the product_id of ``autoplay.yml``. Batches of other products are counted and left out, as
            at the gateway.
        read_bytes: called with the number of additional bytes read.

    Raises:
        UnusableRecording: a path cannot be read, or the recordings contain no action.
    """
    recordings = Recordings(find_files(paths))
    reader = _Reader(recordings, product_id)
    for file in recordings.files:
        ended_at = 0
        for line in lines_of(file):
            reader.read(line)
            read_bytes(line.ends_at - ended_at)
            ended_at = line.ends_at
    reader.finish()
    recordings.moments.sort(key=itemgetter(0))
    if not any(payload.actions for _, payload, _ in recordings.moments):
        raise UnusableRecording(
            f"{', '.join(map(str, paths))}: there is no action to replay.", remedy=_why_empty(recordings)
        )
    return recordings


def _why_empty(recordings: Recordings) -> str:
    if recordings.other_products:
        others = ", ".join(map(repr, recordings.other_products))
        return f"All batches belong to other products ({others}), not to the product_id of autoplay.yml."
    if recordings.unreadable:
        first = recordings.unreadable[0]
        return (
            f"{recordings.skipped['unreadable_lines']} lines were unreadable; {first.place}: {first.reason}."
        )
    return "Record some sessions, or name other files."


class _Reader:
    """Reads lines; unusable lines are counted, and reading continues."""

    def __init__(self, recordings: Recordings, product_id: str) -> None:
        self._recordings = recordings
        self._product_id = product_id
        self._capture = CaptureReader(product_id, max_sessions=_UNLIMITED, max_uuids=_UNLIMITED)
        # In a recording, no timestamp counts as in the future.
        self._intakes = {
            source: Intake(product_id, source, lambda: float("inf")) for source in ("stream", "capture")
        }

    def read(self, line: Line) -> None:
        """Read one line."""
        try:
            self._read_text(line.text)
        except MalformedEvent as problem:
            self._recordings.skipped["unreadable_lines"] += 1
            if len(self._recordings.unreadable) < _MAX_LISTED:
                place = f"{line.file}:{line.number}"
                self._recordings.unreadable.append(Unreadable(place, problem.message.rstrip(".")))

    def _read_text(self, text: bytes) -> None:
        try:
            batch = _BATCHES.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_irregular(text)
            return
        has_names = batch.session_id and batch.user_id
        if has_names and all(0 <= action.timestamp_start < _MIN_MILLISECONDS for action in batch.actions):
            self._accept_batch(batch)
        else:
            self._read_irregular(text)

    def _read_irregular(self, text: bytes) -> None:
        text = text.removeprefix(b"data:").strip()
        record = _parse_object(text)
        if "body_base64" in record or "decoded" in record:
            self._read_request(record)
        elif record.get("event") == "heartbeat" or record.get("type") == "heartbeat":
            return
        else:
            self._accept_batch(parse_payload(text))

    def _accept_batch(self, payload: Payload) -> None:
        product_id = payload.product_id.strip()
        if product_id and product_id != self._product_id:
            self._recordings.other_products[product_id] += 1
        self._intakes["stream"].accept(payload, self._store)

    def _read_request(self, record: Mapping[str, Any]) -> None:
        path = str(record.get("path") or "")
        if str(record.get("method") or "POST").upper() != "POST" or path.startswith(_NO_EVENTS):
            return
        received_at = parse_timestamp(record.get("received_at"))
        if not received_at:
            raise MalformedEvent("the request does not say when it was received (received_at)")
        headers = record.get("headers")
        request = decode_request(
            _body(record),
            content_type=str(headers.get("content-type", "")) if isinstance(headers, dict) else "",
            query=dict(parse_qsl(str(record.get("query") or ""), keep_blank_values=True)),
            received_at=received_at,
        )
        for payload in self._capture.read(request):
            self._intakes["capture"].accept(payload, self._store)

    def _store(self, payload: Payload, source: str) -> None:
        if isinstance(payload, ActionsPayload):
            store_payload(self._recordings, payload, source)
        else:
            self._recordings.skipped["summaries_and_orders"] += 1

    def finish(self) -> None:
        """Add up what the intakes left out."""
        skipped, counts = self._recordings.skipped, self._capture.counts
        skipped["duplicate_events"] += counts.duplicate
        skipped["malformed_events"] += counts.malformed
        for intake in self._intakes.values():
            skipped.update({reason: n for reason, n in intake.counts.items() if reason != "accepted"})


def store_payload(recordings: Recordings, payload: ActionsPayload, source: str) -> None:
    """Add a batch to recordings, each of its actions as a moment of its own.

    Args:
        recordings: the recordings; the caller sorts their moments.
        payload: the batch.
        source: the source that delivered it.
    """
    if not payload.actions:
        recordings.moments.append((payload.forwarded_at, payload, source))
    for position, action in enumerate(payload.actions):
        single = payload if len(payload.actions) == 1 else _single_action(payload, position)
        if action.timestamp_start == float("inf"):
            recordings.skipped["actions_without_time"] += 1
        else:
            recordings.moments.append((action.timestamp_start, single, source))


def _parse_object(text: bytes) -> dict[str, Any]:
    try:
        record = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedEvent("the line is not JSON") from None
    if not isinstance(record, dict):
        raise MalformedEvent(f"the line is a JSON {type(record).__name__}, not an object")
    return record


def _body(record: Mapping[str, Any]) -> bytes:
    encoded = record.get("body_base64")
    if not encoded:
        return msgspec.json.encode(record.get("decoded"))
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise MalformedEvent("body_base64 is not base64") from None


def _single_action(payload: ActionsPayload, position: int) -> ActionsPayload:
    """Return one action of a batch as a batch of its own."""
    return ActionsPayload(
        payload.product_id,
        payload.session_id,
        payload.user_id,
        payload.email,
        [payload.actions[position]],
        forwarded_at=payload.forwarded_at,
        event_ids=payload.event_ids[position : position + 1],
        timezone=payload.timezone,
    )
