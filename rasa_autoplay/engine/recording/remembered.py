"""What memory knew of a user and of a session, as it is recorded and restored for a replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import msgspec

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowMemory
from rasa_autoplay.engine.memory.stored_history import HistoryReader, StoredHistory
from rasa_autoplay.engine.sessions.session import Session

__all__ = ["describe_known", "restore_known"]

_KNOWN = {field.name for field in fields(WorkflowMemory)}
_Evidence = dict[str, list[StepEvidence]]


def describe_known(session: Session) -> dict[str, Any]:
    """Return for JSON what is known when the history of a session's user has been loaded.

    A session can have evidence of an earlier part: it continues after it had expired, or after a restart.
    """
    described = {
        **_describe_history(session.user_history),
        "began_at": session.began_at,
        "action_count": session.action_count,
        "evidence": msgspec.to_builtins(session.step_evidence or {}),
    }
    return {name: value for name, value in described.items() if value not in (None, {}, [])}


def _describe_history(history: UserHistory | None) -> dict[str, Any]:
    if history is None:
        return {}
    # Most workflows of most users are untouched, and the golden paths name them.
    known = {
        path_id: {name: value for name, value in asdict(workflow).items() if value}
        for path_id, workflow in history.workflows.items()
        if workflow.state != "untouched"
    }
    return {
        "previous_visit_at": history.previous_visit_at,
        "workflows": known,
        "properties": dict(history.properties),
        "session_summaries": list(history.session_summaries),
    }


def restore_known(session: Session, described: Mapping[str, Any], reader: HistoryReader) -> None:
    """Give a session what was known of it and of its user then.

    Args:
        session: the session.
        described: the result of :func:`describe_known`.
        reader: knows the golden paths in force.
    """
    workflows = {
        path_id: WorkflowMemory(**{name: value for name, value in known.items() if name in _KNOWN})
        for path_id, known in (described.get("workflows") or {}).items()
    }
    session.user_history = reader.provisional(
        StoredHistory(
            described.get("previous_visit_at"),
            workflows,
            described.get("properties") or {},
            tuple(described.get("session_summaries") or ()),
        )
    )
    session.began_at = described.get("began_at", session.began_at)
    session.action_count = described.get("action_count", session.action_count)
    if "evidence" in described:
        session.step_evidence = msgspec.convert(described["evidence"], _Evidence)
