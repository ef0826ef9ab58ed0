"""What memory knew of a user, as it is recorded and restored for a replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowMemory
from rasa_autoplay.engine.memory.stored_history import HistoryReader, StoredHistory

__all__ = ["describe_history", "restored_history"]

_KNOWN = {field.name for field in fields(WorkflowMemory)}


def describe_history(history: UserHistory | None) -> dict[str, Any]:
    """Return a history for JSON, without the workflows that the user has never tried."""
    if history is None:
        return {}
    known = {
        path_id: {name: value for name, value in asdict(workflow).items() if value}
        for path_id, workflow in history.workflows.items()
        if workflow.state != "untouched"
    }
    described = {
        "previous_visit_at": history.previous_visit_at,
        "workflows": known,
        "properties": dict(history.properties),
        "session_summaries": list(history.session_summaries),
    }
    return {name: value for name, value in described.items() if value not in (None, {}, [])}


def restored_history(described: Mapping[str, Any], reader: HistoryReader) -> UserHistory:
    """Return a recorded history in the form of the golden paths in force.

    Args:
        described: the result of :func:`describe_history`.
        reader: knows the golden paths.
    """
    workflows = {
        path_id: WorkflowMemory(**{name: value for name, value in known.items() if name in _KNOWN})
        for path_id, known in (described.get("workflows") or {}).items()
    }
    return reader.provisional(
        StoredHistory(
            described.get("previous_visit_at"),
            workflows,
            described.get("properties") or {},
            tuple(described.get("session_summaries") or ()),
        )
    )
