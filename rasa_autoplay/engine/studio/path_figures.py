"""Counts users along the golden paths, from the analyses of their sessions."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.last_done import last_done_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker

__all__ = ["PathCounts", "PathFigures", "SessionKey", "StepFigures", "count_users"]

#: The newest completed sessions of a path whose times are measured.
_MOST_TIMES = 200
#: The newest sessions with a step that are searched for the last time that it was done: a session that ends
#: earlier may have done it later.
_MOST_LAST = 8
#: A stored session with this text has begun no golden path.
_NO_FINDINGS = "[]"


class SessionKey(NamedTuple):
    """Identifies a stored session of the product."""

    user_id: str
    session_id: str


class _Finding(msgspec.Struct, frozen=True):
    """The fields of a ``PathFinding`` that are counted; decoding the others takes time."""

    path_id: str
    completed: int
    done: list[str] = []
    missed: list[str] = []


class StepFigures(msgspec.Struct, frozen=True):
    """What users did with a step.

    Args:
        step_id: the step.
        users: how many users have done it in the best attempt of a session.
        last_done_at: when a user last did it, epoch seconds; None if nobody did.
    """

    step_id: str
    users: int
    last_done_at: float | None


class PathFigures(msgspec.Struct, frozen=True):
    """What users did with a golden path.

    Args:
        mastered: users who have completed it.
        began: users who have begun it and never completed it.
        never: users with stored sessions who never tried it.
        steps: by step, in order.
        missed_most: id of the step that most of those who began it lack; empty for none.
        missed_by: how many users lack that step.
        median_s: the median time from the first to the last step of a completed attempt, in seconds.
        timed: the number of completed attempts behind the median.
    """

    mastered: int
    began: int
    never: int
    steps: list[StepFigures]
    missed_most: str
    missed_by: int
    median_s: float | None
    timed: int


class PathCounts:
    """What is counted of one golden path while the sessions are read, newest first."""

    def __init__(self, path: GoldenPath) -> None:
        self.path = path
        self.mastered: set[int] = set()
        self.did: dict[str, set[int]] = {step.id: set() for step in path.steps}
        #: By user: the required steps that the newest session lacks.
        self.missed: dict[int, list[str]] = {}
        self.completed_in: list[SessionKey] = []
        self.done_in: dict[str, list[SessionKey]] = {step.id: [] for step in path.steps}

    def count(self, user: int, key: SessionKey, finding: _Finding) -> None:
        """Count what a session shows; later calls are for older sessions."""
        if user not in self.missed:
            self.missed[user] = finding.missed
        if finding.completed:
            self.mastered.add(user)
            if len(self.completed_in) < _MOST_TIMES:
                self.completed_in.append(key)
        for step_id in finding.done:
            users = self.did.get(step_id)
            if users is not None:  # an earlier version of the path may have had other steps
                users.add(user)
                sessions = self.done_in[step_id]
                if len(sessions) < _MOST_LAST:
                    sessions.append(key)

    @property
    def sessions_to_read(self) -> Iterator[SessionKey]:
        """The sessions whose evidence is needed for times."""
        yield from self.completed_in
        for keys in self.done_in.values():
            yield from keys

    def figures(
        self, users: int, evidence: Mapping[SessionKey, EvidenceByPath], tracker: PathTracker
    ) -> PathFigures:
        """Return the figures.

        Args:
            users: how many users have stored sessions.
            evidence: of the sessions to read.
            tracker: finds attempts in evidence.
        """
        lacking = Counter(
            step_id for user, missed in self.missed.items() if user not in self.mastered for step_id in missed
        )
        # Of equally frequent ones, the first step of the path.
        order = {step.id: place for place, step in enumerate(self.path.steps)}
        missed_most = min(
            (step_id for step_id in lacking if step_id in order),
            key=lambda step_id: (-lacking[step_id], order[step_id]),
            default="",
        )
        times = list(self._times(evidence, tracker))
        last = self._last_done(evidence)
        return PathFigures(
            mastered=len(self.mastered),
            began=len(self.missed.keys() - self.mastered),
            never=users - len(self.missed),
            steps=[
                StepFigures(step.id, len(self.did[step.id]), last.get(step.id)) for step in self.path.steps
            ],
            missed_most=missed_most,
            missed_by=lacking[missed_most],
            median_s=statistics.median(times) if times else None,
            timed=len(times),
        )

    def _times(self, evidence: Mapping[SessionKey, EvidenceByPath], tracker: PathTracker) -> Iterator[float]:
        if self.path.id not in tracker.completions:
            return
        for key in self.completed_in:
            for attempt in tracker.attempts(self.path.id, evidence.get(key, {})):
                completed_at = attempt.completed_at
                if completed_at is not None:
                    yield completed_at - attempt.began_at

    def _last_done(self, evidence: Mapping[SessionKey, EvidenceByPath]) -> dict[str, float]:
        last: dict[str, float] = {}
        for key in dict.fromkeys(key for keys in self.done_in.values() for key in keys):
            for place, at in last_done_of(evidence.get(key, {}).get(self.path.id, ())).items():
                step_id = self.path.steps[place].id
                last[step_id] = max(last.get(step_id, 0.0), at)
        return last


def count_users(
    paths: Sequence[GoldenPath], rows: Iterable[Sequence[Any]]
) -> tuple[int, int, list[PathCounts]]:
    """Count users along golden paths.

    Args:
        paths: the golden paths.
        rows: user id, session id, and findings as JSON, of sessions in order of their ends, newest first.

    Returns:
        The number of users, the number of sessions, and the counts of each path.
    """
    decode = msgspec.json.Decoder(list[_Finding]).decode
    counts = {path.id: PathCounts(path) for path in paths}
    users: dict[str, int] = {}
    sessions = 0
    for user_id, session_id, findings in rows:
        sessions += 1
        user = users.setdefault(user_id, len(users))
        if findings == _NO_FINDINGS:
            continue
        try:
            found = decode(findings)
        except (msgspec.DecodeError, UnicodeEncodeError):
            continue  # the memory store warns of it when the user comes back
        key = SessionKey(user_id, session_id)
        for finding in found:
            of_path = counts.get(finding.path_id)
            if of_path is not None:
                of_path.count(user, key, finding)
    return len(users), sessions, list(counts.values())
