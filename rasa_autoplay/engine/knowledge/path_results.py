"""What a session says about a golden path, in words that name the actions that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.engine.knowledge.attempts import Attempt, StepEvidence
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker, Proofs

__all__ = ["PathResult", "StepResult", "verdicts_of"]


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a path.

    Args:
        step_id: which.
        done: the actions that did it in the best attempt; none when it was not done.
        skipped: whether it is required and was left out in the best attempt, although a later one was done.
        repeated: the actions, in any attempt, that did it once more with the same element.
        failed: the actions, in any attempt, that show that something went wrong in it.
    """

    step_id: str
    done: tuple[StepEvidence, ...] = ()
    skipped: bool = False
    repeated: tuple[StepEvidence, ...] = ()
    failed: tuple[StepEvidence, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON: ``{step_id, done, skipped, repeated, failed, proof}``."""
        return {
            "step_id": self.step_id,
            "done": bool(self.done),
            "skipped": self.skipped,
            "repeated": len(self.repeated),
            "failed": len(self.failed),
            "proof": [
                {"at": proof.at, "title": proof.title, "shows": what}
                for what in ("done", "repeated", "failed")
                for proof in getattr(self, what)
            ],
        }


@dataclass(frozen=True, slots=True)
class PathResult:
    """How a session went along one path.

    Args:
        path_id: which.
        attempts: how often it was begun.
        completed: how often the path was gone to its end.
        completion_pct: of the best attempt, 0 to 100.
        missed: ids of the required steps that the best attempt still lacks, in order.
        steps: the steps that an action can show, in order.
        started_at: when the first attempt began, epoch seconds.
        reached_at: when the last step of all attempts was done, epoch seconds.
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
        """Ids of the steps that were ``done``, ``skipped``, ``repeated`` or ``failed``."""
        return [step.step_id for step in self.steps if getattr(step, kind)]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "path_id": self.path_id,
            "attempts": self.attempts,
            "completed": self.completed,
            "completion_pct": self.completion_pct,
            **{kind: self.ids(kind) for kind in ("done", "skipped", "repeated", "failed")},
            "steps": [step.as_dict() for step in self.steps],
        }


def verdicts_of(tracker: PathTracker, proofs: Proofs) -> list[PathResult]:
    """What a session says about every path that it began, in the order in which they were moved in last."""
    found = [(path, tracker.attempts(path_id, proofs)) for path_id, path in tracker.paths.items()]
    verdicts = [_verdict(path, attempts) for path, attempts in found if attempts]
    return sorted(verdicts, key=lambda verdict: verdict.reached_at)


def _verdict(path: GoldenPath, attempts: Sequence[Attempt]) -> PathResult:
    # Of attempts that came equally far, the newest says most about what the user knows now.
    best = max(attempts, key=lambda attempt: (attempt.completion_pct, attempt.reached_at))
    return PathResult(
        path_id=path.id,
        attempts=len(attempts),
        completed=sum(attempt.completed for attempt in attempts),
        completion_pct=best.completion_pct,
        missed=[path.steps[place].id for place in best.missing],
        steps=tuple(_step_verdict(path, place, best, attempts) for place in best.steps.provable),
        started_at=min(attempt.began_at for attempt in attempts),
        reached_at=max(attempt.reached_at for attempt in attempts),
    )


def _step_verdict(path: GoldenPath, place: int, best: Attempt, attempts: Sequence[Attempt]) -> StepResult:
    return StepResult(
        step_id=path.steps[place].id,
        done=tuple(best.done.get(place, ())),
        skipped=place in best.skipped,
        repeated=tuple(proof for attempt in attempts for proof in attempt.repeated.get(place, ())),
        failed=tuple(proof for attempt in attempts for proof in attempt.failed.get(place, ())),
    )
