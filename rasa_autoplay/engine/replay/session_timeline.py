"""The timeline of a recorded session, for JSON: pages, actions, decisions and events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rasa_autoplay.engine.recording.row import RecordingRow, RowKind
from rasa_autoplay.engine.replay.recorded_rows import RecordedBatch, inputs_among

__all__ = ["timeline_of"]


def timeline_of(rows: Sequence[RecordingRow]) -> dict[str, Any]:
    """Return what happened in a session, in order of time.

    All times are epoch seconds by the engine's clock; an action also has ``happened_at``, the time at which
    the page says that it happened.

    Args:
        rows: the session's rows, in order; at least one.

    Returns:
        ``{began_at, ended_at, is_complete, pages, actions, decisions, events}``. A page is ``{page, from,
        until, actions}``; an action ``{at, happened_at, type, title, page}``, with ``element_id`` and
        ``signal`` if it has one; a decision ``{at, outcome, trigger_id}``, with ``gate``, ``until`` or
        ``for_ever``, ``detail``, ``offer_id``, ``arm`` and ``variant`` where they apply; an event ``{at,
        event}`` with the fields of its kind.
    """
    actions = _actions(rows)
    first = rows[0].decoded() if rows[0].kind == RowKind.SESSION else {}
    return {
        "began_at": rows[0].at,
        "ended_at": rows[-1].at,
        "is_complete": first.get("event") == "began",
        "pages": _pages(actions, rows[-1].at),
        "actions": actions,
        "decisions": [{"at": row.at, **row.decoded()} for row in rows if row.kind == RowKind.DECISION],
        "events": [{"at": row.at, **row.decoded()} for row in rows if row.kind == RowKind.SESSION],
    }


def _actions(rows: Iterable[RecordingRow]) -> list[dict[str, Any]]:
    batches = inputs_among(row for row in rows if row.kind == RowKind.ACTIONS)
    return [
        {
            "at": batch.at,
            "happened_at": action.timestamp_start,
            "type": action.type,
            "title": action.title,
            "page": action.canonical_url,
            **{name: text for name in ("element_id", "signal") if (text := getattr(action, name))},
        }
        for batch in batches
        if isinstance(batch, RecordedBatch)
        for action in batch.payload.actions
    ]


def _pages(actions: Sequence[dict[str, Any]], ended_at: float) -> list[dict[str, Any]]:
    """Return the visits of pages: each lasts until the next action on another page."""
    pages: list[dict[str, Any]] = []
    for action in actions:
        if not action["page"]:
            continue
        if pages and pages[-1]["page"] == action["page"]:
            pages[-1]["actions"] += 1
            continue
        if pages:
            pages[-1]["until"] = action["at"]
        pages.append({"page": action["page"], "from": action["at"], "until": ended_at, "actions": 1})
    return pages
