"""Follows sessions along the golden paths: keeps the actions that prove something, and nothing else."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from rasa_autoplay.engine.knowledge.attempts import (
    Attempt,
    FailureRow,
    StepEvidence,
    attempts_of,
    failure_row_of,
)
from rasa_autoplay.engine.knowledge.completion import Completion
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step_matcher import StepMatcher
from rasa_autoplay.events.models import SlimAction

__all__ = ["PathTracker", "Proofs"]

#: The same controls are used again and again; the answers about the last so many are kept.
_REMEMBERED_ACTIONS = 8192
#: Of one session and path, the newest so many are kept.
_MAX_PROOFS = 500

#: No path has an empty id.
_FAILURES = ""

#: A session's proofs, by the path's id, each list in order of time; all that went wrong under the empty id.
Proofs = dict[str, list[StepEvidence]]
_Fits = tuple[tuple[str, tuple[int, ...]], ...]


class PathTracker:
    """Knows which actions fit which steps.

    It holds nothing of a session: the proofs are handed in, and live with the session.

    Args:
        paths: all golden paths.
    """

    def __init__(self, paths: Sequence[GoldenPath]) -> None:
        self.paths = {path.id: path for path in paths}
        self._matchers = {
            path.id: [
                (place, StepMatcher(path, step, step.done_when))
                for place, step in enumerate(path.steps)
                if step.done_when
            ]
            for path in paths
        }
        #: Of each path that actions can show, the steps that count.
        self.completions = {path.id: steps for path in paths if (steps := Completion.of(path.steps)).provable}
        self._fits: dict[tuple[str, str, str, str, str], _Fits] = {}

    def provable(self, path_id: str) -> tuple[int, ...]:
        """Places of the path's steps that an action can show; empty where none can."""
        steps = self.completions.get(path_id)
        return steps.provable if steps else ()

    @property
    def steps_without_name(self) -> int:
        """How many steps a source that gives no element ids can never show."""
        return sum(not matcher.named_by for found in self._matchers.values() for _, matcher in found)

    def note(self, action: SlimAction, proofs: Proofs) -> list[str]:
        """Keep what an action proves.

        Args:
            action: new to the session.
            proofs: the session's; changed in place.

        Returns:
            Ids of the paths of which it fits a step.
        """
        fits = self._fits_of(action)
        for path_id, steps in fits:
            _keep(proofs, path_id, _proof(action, steps))
        if action.signal:
            # What fits no step of a path can still be the fault of the one just done.
            _keep(proofs, _FAILURES, _proof(action, ()))
        return [path_id for path_id, _ in fits]

    def attempts(self, path_id: str, proofs: Proofs) -> list[Attempt]:
        """A session's attempts at a path, oldest first."""
        own = _with_failures(path_id, proofs)
        return attempts_of(self.completions[path_id], own) if own else []

    def failure_rows(self, proofs: Proofs) -> dict[str, FailureRow]:
        """What went wrong in each workflow of a session, by the path's id."""
        if _FAILURES not in proofs:
            return {}
        rows = {path_id: failure_row_of(_with_failures(path_id, proofs)) for path_id in self.paths}
        return {path_id: row for path_id, row in rows.items() if row.in_a_row or row.before}

    def _fits_of(self, action: SlimAction) -> _Fits:
        key = (action.title, action.element_id, action.canonical_url, action.type, action.description)
        fits = self._fits.get(key)
        if fits is None:
            if len(self._fits) >= _REMEMBERED_ACTIONS:
                self._fits.clear()
            found = (
                (path_id, tuple(place for place, fits in matchers if fits(action)))
                for path_id, matchers in self._matchers.items()
            )
            fits = self._fits[key] = tuple((path_id, steps) for path_id, steps in found if steps)
        return fits


def _with_failures(path_id: str, proofs: Proofs) -> list[StepEvidence]:
    """What a session proves of a path, and everything that went wrong; empty where it proves nothing."""
    own = proofs.get(path_id)
    if not own:
        return []
    placed = {(proof.at, proof.index, proof.title) for proof in own if proof.signal}
    return [*own, *(f for f in proofs.get(_FAILURES, ()) if (f.at, f.index, f.title) not in placed)]


def _keep(proofs: Proofs, path_id: str, proof: StepEvidence) -> None:
    kept = proofs.setdefault(path_id, [])
    insort(kept, proof)
    if len(kept) > _MAX_PROOFS:
        del kept[0]


def _proof(action: SlimAction, steps: tuple[int, ...]) -> StepEvidence:
    return StepEvidence(
        action.timestamp_start, action.index, action.title, action.element_id, action.signal, steps
    )
