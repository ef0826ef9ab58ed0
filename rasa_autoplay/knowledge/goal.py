"""What is the user after? The golden path along which their actions move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.knowledge.attempts import Attempt, Proof
from rasa_autoplay.knowledge.golden_path import GoldenPath
from rasa_autoplay.knowledge.path_tracker import PathTracker, Proofs

__all__ = ["GoalGuess", "infer_goal"]


@dataclass(frozen=True, slots=True)
class GoalGuess:
    """A path that the user is on, and how we know.

    Args:
        path: which.
        completion_pct: of the attempt that is under way, 0 to 100.
        completed: whether that attempt has come to its end.
        proof: the actions that did its steps, in order of time.
    """

    path: GoldenPath
    completion_pct: float
    completed: bool
    proof: tuple[Proof, ...]


def infer_goal(actions: Iterable[SlimAction], paths: Sequence[GoldenPath]) -> GoalGuess | None:
    """Guess what a group of actions is for.

    Of the paths that were begun, an unfinished one is preferred to one that has come to its end, then the one
    that was moved in last, then the one of which more was done, then the first of ``paths``.

    Args:
        actions: of one session, in any order.
        paths: all golden paths.

    Returns:
        The guess; None when no path was begun.
    """
    tracker, proofs = PathTracker(paths), Proofs()
    for action in actions:
        tracker.note(action, proofs)
    attempts = {path.id: tracker.attempts(path.id, proofs) for path in paths}
    begun = [(path, attempts[path.id][-1]) for path in paths if attempts[path.id]]
    if not begun:
        return None
    path, attempt = max(begun, key=lambda each: _nearness(each[1]))
    proof = tuple(sorted(proof for done in attempt.done.values() for proof in done))
    return GoalGuess(path, attempt.completion_pct, attempt.completed, proof)


def _nearness(attempt: Attempt) -> tuple[bool, float, float]:
    return not attempt.completed, attempt.reached_at, attempt.completion_pct
