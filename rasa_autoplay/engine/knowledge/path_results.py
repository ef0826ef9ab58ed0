"""The results of a session for each golden path, with the actions that prove them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.engine.knowledge.attempts import Attempt, StepEvidence
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker

__all__ = ["PathResult", "StepResult", "path_results_of"]


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result for one step of a path.

    Args:
        step_id: id of the step.
        done: the actions that did it in the best attempt; empty if it was not done.
        skipped: whether it is required and the best attempt did a later step without it.
        repeated: the actions, in any attempt, that repeated it with the same element.
        failed: the actions, in any attempt, that prove a failure in it.
    """

    step_id: str
    done: tuple[StepEvidence, ...] = ()
    skipped: bool = False
    repeated: tuple[StepEvidence, ...] = ()
    failed: tuple[StepEvidence, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON: ``{step_id, done, skipped, repeated, failed, proof}``."""
        return {
            "step_id": self.step_id,
            "done": bool(self.done),
            "skipped": self.skipped,
            "repeated": len(self.repeated),
            "failed": len(self.failed),
            "proof": [
                {"at": action.at, "title": action.title, "shows": kind}
                for kind in ("done", "repeated", "failed")
                for action in getattr(self, kind)
            ],
        }


@dataclass(frozen=True, slots=True)
class PathResult:
    """The result of a session for one path.

    Args:
        path_id: id of the path.
        attempts: number of attempts.
        completed: number of completed attempts.
        completion_pct: completion of the best attempt, 0 to 100.
        missed: ids of the required steps that the best attempt lacks, in order.
        steps: results of the provable steps, in order.
        started_at: when the first attempt began, epoch seconds.
        reached_at: when the latest step of all attempts was done, epoch seconds.
    """

    path_id: str
    attempts: int
    completed: int
    completion_pct: float
    missed: list[str]
    steps: tuple[StepResult, ...]
    started_at: float
    reached_at: float

    def ids(self, kind: str) -> list[str]:
        """Return the ids of the steps that were ``done``, ``skipped``, ``repeated`` or ``failed``."""
        return [step.step_id for step in self.steps if getattr(step, kind)]

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return {
            "path_id": self.path_id,
            "attempts": self.attempts,
            "completed": self.completed,
            "completion_pct": self.completion_pct,
            **{kind: self.ids(kind) for kind in ("done", "skipped", "repeated", "failed")},
            "steps": [step.as_dict() for step in self.steps],
        }


def path_results_of(tracker: PathTracker, evidence: EvidenceByPath) -> list[PathResult]:
    """Return the results for all paths that a session began, the path with the latest step last."""
    found = [(path, tracker.attempts(path_id, evidence)) for path_id, path in tracker.paths.items()]
    results = [_path_result(path, attempts) for path, attempts in found if attempts]
    return sorted(results, key=lambda result: result.reached_at)


def _path_result(path: GoldenPath, attempts: Sequence[Attempt]) -> PathResult:
    # Among equally complete attempts, the newest says most about what the user knows now.
    best = max(reversed(attempts), key=lambda attempt: attempt.completion_pct)
    return PathResult(
        path_id=path.id,
        attempts=len(attempts),
        completed=sum(attempt.completed for attempt in attempts),
        completion_pct=best.completion_pct,
        missed=[path.steps[place].id for place in best.missing],
        steps=tuple(_step_result(path, place, best, attempts) for place in best.steps.provable),
        started_at=min(attempt.began_at for attempt in attempts),
        reached_at=max(attempt.reached_at for attempt in attempts),
    )


def _step_result(path: GoldenPath, place: int, best: Attempt, attempts: Sequence[Attempt]) -> StepResult:
    return StepResult(
        step_id=path.steps[place].id,
        done=tuple(best.done.get(place, ())),
        skipped=place in best.skipped,
        repeated=tuple(action for attempt in attempts for action in attempt.repeated.get(place, ())),
        failed=tuple(action for attempt in attempts for action in attempt.failed.get(place, ())),
    )
