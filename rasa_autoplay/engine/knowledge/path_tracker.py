"""Tracks sessions along the golden paths, and stores only the actions that prove something."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from operator import attrgetter

from rasa_autoplay.engine.knowledge.attempts import (
    Attempt,
    FailureRow,
    StepEvidence,
    attempts_of,
    failure_row_of,
)
from rasa_autoplay.engine.knowledge.completion import Completion
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.way_matcher import matchers_of
from rasa_autoplay.events.models import SlimAction

__all__ = ["EvidenceByPath", "PathTracker"]

_SIGNAL = attrgetter("signal")

#: Size of the cache of matches: the same controls are used again and again.
_MAX_CACHED = 8192
#: Maximum number of actions kept as evidence for one session and path; the oldest are dropped.
_MAX_EVIDENCE = 500

#: The key of all failures; no path has an empty id.
_FAILURES = ""

#: A session's evidence by path id, each list in order of time; the empty id has all failures.
EvidenceByPath = dict[str, list[StepEvidence]]
_Fits = tuple[tuple[str, tuple[int, ...]], ...]


class PathTracker:
    """Matches actions with the steps of golden paths.

    It stores nothing about a session: the session owns the evidence, and callers pass them in.

    Args:
        paths: all golden paths.
    """

    def __init__(self, paths: Sequence[GoldenPath]) -> None:
        self.paths = {path.id: path for path in paths}
        self._matchers = {
            path.id: [
                (place, matcher)
                for place, step in enumerate(path.steps)
                for matcher in matchers_of(path, step)
            ]
            for path in paths
        }
        #: The steps that count, for each path with provable steps.
        self.completions = {path.id: steps for path in paths if (steps := Completion.of(path.steps)).provable}
        #: The ids of each path's steps, by the path's id.
        self.step_ids = {path.id: tuple(step.id for step in path.steps) for path in paths}
        self._fits: dict[tuple[str, str, str, str, str], _Fits] = {}

    def provable(self, path_id: str) -> tuple[int, ...]:
        """Return the indexes of the path's provable steps."""
        steps = self.completions.get(path_id)
        return steps.provable if steps else ()

    @property
    def steps_without_name(self) -> int:
        """Number of steps that a source without element ids can never prove."""
        named: dict[tuple[str, int], bool] = {}
        for path_id, matchers in self._matchers.items():
            for place, matcher in matchers:
                named[path_id, place] = named.get((path_id, place), False) or bool(matcher.named_by)
        return sum(not is_named for is_named in named.values())

    def records(self, actions: Iterable[SlimAction]) -> bool:
        """Whether one of these actions can prove something."""
        return bool(self._matchers) or any(map(_SIGNAL, actions))

    def is_proof(self, action: SlimAction) -> bool:
        """Whether an action proves a step, or a failure, so that :meth:`record` would store something."""
        return bool(action.signal or (self._matchers and self._fits_of(action)))

    def record(self, action: SlimAction, evidence: EvidenceByPath) -> list[str]:
        """Store what an action proves.

        Args:
            action: a new action of the session.
            evidence: the session's evidence; changed in place.

        Returns:
            Ids of the paths with a step that the action matches.
        """
        if not (self._matchers or action.signal):
            return []
        fits = self._fits_of(action)
        for path_id, steps in fits:
            _store(evidence, path_id, _evidence_of(action, steps))
        if action.signal:
            # A failure that matches no step may be blamed on the latest step.
            _store(evidence, _FAILURES, _evidence_of(action, ()))
        return [path_id for path_id, _ in fits]

    def attempts(self, path_id: str, evidence: EvidenceByPath) -> list[Attempt]:
        """Return a session's attempts at a path, oldest first."""
        own = _with_failures(path_id, evidence)
        return attempts_of(self.completions[path_id], own) if own else []

    def failure_rows(self, evidence: EvidenceByPath) -> dict[str, FailureRow]:
        """Return the failures in each workflow of a session, by path id."""
        if _FAILURES not in evidence:
            return {}
        rows = {
            path_id: failure_row_of(steps, _with_failures(path_id, evidence))
            for path_id, steps in self.completions.items()
        }
        return {path_id: row for path_id, row in rows.items() if row.in_a_row or row.before}

    def _fits_of(self, action: SlimAction) -> _Fits:
        key = (action.title, action.element_id, action.canonical_url, action.type, action.description)
        fits = self._fits.get(key)
        if fits is None:
            if len(self._fits) >= _MAX_CACHED:
                self._fits.clear()
            found = (
                (path_id, tuple(dict.fromkeys(place for place, fits in matchers if fits(action))))
                for path_id, matchers in self._matchers.items()
            )
            fits = self._fits[key] = tuple((path_id, steps) for path_id, steps in found if steps)
        return fits


def _with_failures(path_id: str, evidence: EvidenceByPath) -> list[StepEvidence]:
    """Return a session's evidence about a path together with all failures; empty if it proves nothing."""
    own = evidence.get(path_id)
    if not own:
        return []
    placed = {(action.at, action.index, action.title) for action in own if action.signal}
    return [*own, *(f for f in evidence.get(_FAILURES, ()) if (f.at, f.index, f.title) not in placed)]


def _store(evidence: EvidenceByPath, path_id: str, action: StepEvidence) -> None:
    kept = evidence.setdefault(path_id, [])
    insort(kept, action)
    if len(kept) > _MAX_EVIDENCE:
        del kept[0]


def _evidence_of(action: SlimAction, steps: tuple[int, ...]) -> StepEvidence:
    return StepEvidence(
        action.timestamp_start, action.index, action.title, action.element_id, action.signal, steps
    )
