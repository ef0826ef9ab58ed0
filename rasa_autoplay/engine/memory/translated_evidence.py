"""Translates step evidence into another version of the golden paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.events.models import SlimAction

__all__ = ["matched_again", "translated"]


def translated(
    evidence: EvidenceByPath, step_ids: Mapping[str, Sequence[str]] | None, tracker: PathTracker
) -> EvidenceByPath:
    """Return evidence about the tracker's steps; leave out what is about paths or steps that it lacks.

    Args:
        evidence: its steps are indexes of other paths' steps.
        step_ids: the ids of those steps, by path id; None if they are unknown, and are taken to be the same.
        tracker: has the golden paths.
    """
    found: EvidenceByPath = {}
    for path_id, actions in evidence.items():
        if not path_id:  # all failures, which match no step
            found[path_id] = list(actions)
            continue
        places = _places(path_id, step_ids, tracker)
        known = [moved for action in actions if (moved := _moved(action, places)) is not None]
        if known:
            found[path_id] = known
    return found


def _places(
    path_id: str, step_ids: Mapping[str, Sequence[str]] | None, tracker: PathTracker
) -> dict[int, int]:
    """Return the index in the tracker's path by index in the other path, for provable steps."""
    new = tracker.step_ids.get(path_id, ())
    old = new if step_ids is None else step_ids.get(path_id, ())
    provable = {new[place]: place for place in tracker.provable(path_id)}
    return {place: provable[step_id] for place, step_id in enumerate(old) if step_id in provable}


def _moved(action: StepEvidence, places: Mapping[int, int]) -> StepEvidence | None:
    steps = tuple(sorted(places[step] for step in action.steps if step in places))
    if not steps:
        return None
    return action if steps == action.steps else replace(action, steps=steps)


def matched_again(
    evidence: EvidenceByPath, actions: Sequence[SlimAction], tracker: PathTracker
) -> EvidenceByPath:
    """Return evidence in which the tracker alone says what these actions prove."""
    known = {(action.timestamp_start, action.index, action.title) for action in actions}
    found = {
        path_id: [each for each in own if (each.at, each.index, each.title) not in known]
        for path_id, own in evidence.items()
    }
    for action in actions:
        tracker.record(action, found)
    return {path_id: own for path_id, own in found.items() if own}
