"""Encodes what the recorder has seen as rows, on the database's thread."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.recording.row import NumberedRow, RecordingRow, RowKind
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = ["Seen", "encode_rows"]

logger = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
#: A batch has these for all its actions, and the engine sets them again in a replay.
_OF_BATCH = frozenset({"session_id", "user_id", "email", "conversation_id"})
_FIELDS = tuple(name for name in SlimAction.__struct_fields__ if name not in _OF_BATCH)
_DEFAULTS: dict[str, Any] = {"index": 0, "timestamp_start": 0.0, "timestamp_end": 0.0}


class Seen(NamedTuple):
    """What the recorder has seen, not encoded yet.

    Args:
        user_id: the session's user; empty while unknown.
        session_id: the session.
        at: epoch seconds.
        what: a batch with its source, a decision, or the fields of an event.
        number: its number in the engine's run, from 1.
    """

    user_id: str
    session_id: str
    at: float
    what: tuple[ActionsPayload, str] | Decision | dict[str, Any]
    number: int = 0


def encode_rows(seen: Iterable[Seen]) -> list[NumberedRow]:
    """Encode rows; one that no database can store is left out and logged."""
    return list(_encoded(seen))


def _encoded(seen: Iterable[Seen]) -> Iterator[NumberedRow]:
    for one in seen:
        kind, entries, data = _content(one.what)
        try:
            text = _encode(data).decode()
            is_storable = b"\0" not in f"{one.user_id}{one.session_id}".encode()
        except (UnicodeEncodeError, TypeError, ValueError, msgspec.MsgspecError) as problem:
            logger.warning("Something that happened cannot be recorded: %s.", type(problem).__name__)
            continue
        if is_storable:
            yield one.number, RecordingRow(one.user_id, one.session_id, one.at, kind, entries, text)


def _content(what: tuple[ActionsPayload, str] | Decision | dict[str, Any]) -> tuple[str, int, dict[str, Any]]:
    if isinstance(what, dict):
        return RowKind.SESSION, 1, what
    if isinstance(what, Decision):
        return RowKind.DECISION, 1, _decision(what)
    payload, source = what
    return RowKind.ACTIONS, max(len(payload.actions), 1), _batch(payload, source)


def _decision(decision: Decision) -> dict[str, Any]:
    fields: dict[str, Any] = {"outcome": decision.outcome, "trigger_id": decision.trigger_id}
    if decision.gate:
        fields["gate"] = decision.gate
        fields.update({"for_ever": True} if decision.until == math.inf else {"until": decision.until})
    for name in ("detail", "offer_id", "arm", "variant", "replaced_gate"):
        if value := getattr(decision, name):
            fields[name] = value
    return fields


def _batch(payload: ActionsPayload, source: str) -> dict[str, Any]:
    """Return a batch in the connector's format, without fields that have their defaults."""
    batch: dict[str, Any] = {
        "type": "actions",
        "product_id": payload.product_id,
        "session_id": payload.session_id,
        "user_id": payload.user_id,
        "email": payload.email,
        "source": source,
        "actions": [_action(action) for action in payload.actions],
    }
    for name in ("forwarded_at", "timezone", "language", "properties", "is_verified"):
        if value := getattr(payload, name):
            batch[name] = value
    if any(payload.event_ids):
        batch["event_ids"] = payload.event_ids
    return batch


def _action(action: SlimAction) -> dict[str, Any]:
    # The first three have no defaults.
    fields = {name: getattr(action, name) for name in _FIELDS}
    return {
        name: value
        for name, value in fields.items()
        if value or name in ("title", "description", "canonical_url")
    }
