"""Writes a set as JSON Lines, so that people can look at it and other scorers can read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.timing.apps import APPS
from benchmarks.timing.labels import LabelledSession

__all__ = ["labels_of", "write_set"]


def write_set(sessions: Iterable[LabelledSession], folder: Path) -> None:
    """Write ``apps.json``, ``events.jsonl`` as trackers see it, and the sessions' ``labels.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    sessions = list(sessions)
    _write(folder / "apps.json", [[app.as_dict() for app in APPS]])
    _write(folder / "events.jsonl", _events_of(sessions))
    _write(folder / "labels.jsonl", map(labels_of, sessions))


def labels_of(session: LabelledSession) -> dict[str, Any]:
    """Return what the generator knows of a session."""
    return {
        "session": session.id,
        "user": session.user,
        "app": session.app,
        "behaviour": session.behaviour.value,
        "start": session.start,
        "end": session.end,
        "intervals": [
            {"start": one.start, "end": one.end, "state": one.state.value, "label": one.state.label.value}
            for one in session.intervals
        ],
        "needs": msgspec.to_builtins(session.needs),
    }


def _events_of(sessions: Iterable[LabelledSession]) -> Iterator[dict[str, Any]]:
    for session in sessions:
        head = {"session": session.id, "user": session.user, "app": session.app}
        for event in session.events:
            yield {**head, **msgspec.to_builtins(event)}


def _write(file: Path, rows: Iterable[Any]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text("".join(lines), encoding="utf-8")
