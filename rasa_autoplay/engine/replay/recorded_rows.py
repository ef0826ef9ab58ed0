"""Decodes the rows of a recording for a replay."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.recording.row import RecordingRow, RowKind
from rasa_autoplay.events.models import ActionsPayload

__all__ = [
    "RecordedBatch",
    "RecordedEvent",
    "RecordedInput",
    "batch_of",
    "decisions_among",
    "inputs_among",
]

_DECISION_FIELDS = ("outcome", "trigger_id", "gate", "detail", "offer_id", "arm", "variant", "replaced_gate")


class _Source(msgspec.Struct):
    source: str = ""


_batches = msgspec.json.Decoder(ActionsPayload)
_sources = msgspec.json.Decoder(_Source)


@dataclass(frozen=True, slots=True)
class RecordedBatch:
    """A batch as it was applied.

    Args:
        at: when, epoch seconds.
        payload: the batch; the engine changes it when it applies it.
        source: the source that delivered it.
    """

    at: float
    payload: ActionsPayload
    source: str


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event that is no action of the user.

    Args:
        at: when, epoch seconds.
        user_id: the session's user; empty while unknown.
        session_id: the session.
        name: such as ``offer`` or ``chat_message``.
        fields: its details.
    """

    at: float
    user_id: str
    session_id: str
    name: str
    fields: dict[str, Any]


RecordedInput = RecordedBatch | RecordedEvent


def batch_of(data: str) -> tuple[ActionsPayload, str]:
    """Return a recorded batch, and the source that delivered it."""
    return _batches.decode(data), _sources.decode(data).source


def inputs_among(rows: Iterable[RecordingRow]) -> list[RecordedInput]:
    """Return what a replay applies, in order."""
    return [_input_of(row) for row in rows if row.kind != RowKind.DECISION]


def _input_of(row: RecordingRow) -> RecordedInput:
    if row.kind == RowKind.ACTIONS:
        return RecordedBatch(row.at, *batch_of(row.data))
    fields = row.decoded()
    return RecordedEvent(row.at, row.user_id, row.session_id, str(fields.pop("event", "")), fields)


def decisions_among(rows: Sequence[RecordingRow]) -> list[Decision]:
    """Return the recorded decisions, in order."""
    return [_decision_of(row) for row in rows if row.kind == RowKind.DECISION]


def _decision_of(row: RecordingRow) -> Decision:
    data = row.decoded()
    until = math.inf if data.get("for_ever") else data.get("until", 0.0)
    known = {name: data[name] for name in _DECISION_FIELDS if name in data}
    return Decision(at=row.at, user_id=row.user_id, session_id=row.session_id, until=until, **known)
