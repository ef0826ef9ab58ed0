"""What the studio shows of a user's workflows: each golden path, and the actions that prove its steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.memory.base import SessionRecord
from rasa_autoplay.engine.memory.stored_evidence import decode_evidence
from rasa_autoplay.engine.studio.person import Person

__all__ = ["workflows_of"]

#: The newest proofs of a step are shown.
_MOST_PROOFS = 5


def workflows_of(
    person: Person, records: Sequence[SessionRecord], paths: Iterable[GoldenPath], tracker: PathTracker
) -> list[dict[str, Any]]:
    """Return the golden paths as a user knows them, for JSON.

    Args:
        person: the user.
        records: the user's sessions, newest first.
        paths: the golden paths.
        tracker: knows their steps.

    Returns:
        For each path ``{path_id, title, state, attempts, best_completion_pct, last_issue, struggles,
        steps}``. A step is ``{step_id, title, proofs}``; a proof ``{at, title, signal, session_id}``, newest
        first, with the signal of a failure, or an empty one.
    """
    proofs = _proofs(records, tracker)
    return [
        {
            "path_id": path.id,
            "title": path.title,
            "state": _state(person, path.id),
            "attempts": person.in_progress.get(path.id, {}).get("attempts", 0),
            "best_completion_pct": person.in_progress.get(path.id, {}).get("best_completion_pct", 0.0),
            "last_issue": person.in_progress.get(path.id, {}).get("last_issue", ""),
            "struggles": [each for each in person.struggles if each["workflow"] == path.id],
            "steps": [
                {
                    "step_id": step.id,
                    "title": path.name_of(place),
                    "proofs": proofs[path.id, place][:_MOST_PROOFS],
                }
                for place, step in enumerate(path.steps)
                if step.proofs
            ],
        }
        for path in paths
        if tracker.provable(path.id)
    ]


def _state(person: Person, path_id: str) -> str:
    if path_id in person.mastered:
        return "mastered"
    return "in_progress" if path_id in person.in_progress else "untouched"


def _proofs(
    records: Iterable[SessionRecord], tracker: PathTracker
) -> defaultdict[tuple[str, int], list[dict[str, Any]]]:
    """Return the proofs of each step, by path and place, newest first."""
    found: defaultdict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        for path_id, evidence in decode_evidence(record.evidence, tracker).items():
            for one in sorted(evidence, reverse=True):
                session_id = record.analysis.session_id
                proof = {"at": one.at, "title": one.title, "signal": one.signal, "session_id": session_id}
                for place in one.steps:
                    found[path_id, place].append(proof)
    return found
