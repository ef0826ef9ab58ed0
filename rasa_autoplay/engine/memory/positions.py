"""Computes a session's position in each golden path from its latest attempt."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from rasa_autoplay.engine.knowledge.attempts import Attempt
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.knowledge.user_progress import PathPosition
from rasa_autoplay.events.models import SlimAction

__all__ = ["positions_of"]

_START = attrgetter("timestamp_start")


def positions_of(
    tracker: PathTracker, evidence: EvidenceByPath, window: Sequence[SlimAction]
) -> dict[str, PathPosition]:
    """Return the positions in the golden paths that a session has begun, by id; the latest comes last.

    Args:
        tracker: has the golden paths.
        evidence: the session's step evidence.
        window: the session's recent actions, in order of time.
    """
    begun = [(path, tracker.attempts(path_id, evidence)) for path_id, path in tracker.paths.items()]
    positions = {path.id: _position(path, attempts[-1], window) for path, attempts in begun if attempts}
    return dict(sorted(positions.items(), key=lambda item: item[1].progressed_at))


def _position(path: GoldenPath, attempt: Attempt, window: Sequence[SlimAction]) -> PathPosition:
    since = window[bisect_right(window, attempt.reached_at, key=_START) :]
    upcoming = _upcoming_step(attempt)
    skipped = attempt.skipped
    return PathPosition(
        title=path.title,
        step=path.name_of(attempt.step),
        next_step=path.name_of(upcoming) if upcoming is not None else "",
        steps_done=len(attempt.steps.required) - len(attempt.steps.missing(attempt.done)),
        steps_total=len(attempt.steps.required),
        progressed_at=attempt.reached_at,
        actions_since=len(since),
        skipped_step=path.name_of(skipped[0]) if skipped else "",
        off_path=upcoming is not None and _is_elsewhere(path, since),
    )


def _upcoming_step(attempt: Attempt) -> int | None:
    """Return the next step, which may be optional; None if the path is complete."""
    if attempt.completed:
        return None
    # There is always one, because the last step is not done yet.
    return next(step for step in attempt.steps.provable if step > attempt.step and step not in attempt.done)


def _is_elsewhere(path: GoldenPath, since: Sequence[SlimAction]) -> bool:
    """Whether the user has gone to a page that is not part of the path."""
    page = next((action.canonical_url for action in reversed(since) if action.canonical_url), "")
    return bool(page) and not path.reaches(page)
