"""A user's memory: workflows that the user masters, has begun, never tried or struggles with.

The format is the vendor's, so that code written for its SDK can read it. The memory is computed from the
analyses of all sessions, so that deleting a session or adding a golden path needs no change to stored data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis

__all__ = ["InProgress", "JourneyCompletion", "KnowledgeState", "StrugglePattern", "UserMemory", "memory_of"]

#: Something that happens this often is a pattern.
_REPEATEDLY = 3


class InProgress(msgspec.Struct, frozen=True):
    """A workflow that was begun and never completed.

    Args:
        attempts: number of attempts, over all sessions.
        last_issue: the latest obstacle: ``missed step: <id>`` or ``failed step: <id>``.
        best_completion_pct: completion of the best attempt, 0 to 100.
    """

    attempts: int
    last_issue: str
    best_completion_pct: float


class KnowledgeState(msgspec.Struct, frozen=True):
    """Every known workflow, by what the user knows of it; ids of golden paths."""

    mastered: list[str] = []
    in_progress: dict[str, InProgress] = {}
    untouched: list[str] = []


class JourneyCompletion(msgspec.Struct, frozen=True):
    """How many of the workflows the user has completed.

    Args:
        completed_workflows: ids of golden paths.
        total_known_workflows: number of golden paths.
        completion_rate: from 0 to 1.
    """

    completed_workflows: list[str] = []
    total_known_workflows: int = 0
    completion_rate: float = 0.0


class StrugglePattern(msgspec.Struct, frozen=True):
    """Something that went wrong repeatedly.

    Args:
        workflow: id of the golden path.
        kind: ``repeated_attempts`` (three or more), ``failures`` (three or more at one step), ``abandoned``
            (three or more sessions that stopped at one step), or ``rage_clicks`` (each is three clicks or
            more on one control within a second, so one is enough).
        count: number of occurrences.
        step: id of the step at which it happened; empty if it was not a single step.
    """

    workflow: str
    kind: str
    count: int
    step: str = ""


class UserMemory(msgspec.Struct, frozen=True):
    """Everything known about one user."""

    knowledge_state: KnowledgeState
    journey_completion: JourneyCompletion
    struggle_patterns: list[StrugglePattern] = []

    def as_dict(self) -> dict[str, Any]:
        """Return the memory for JSON."""
        builtins: dict[str, Any] = msgspec.to_builtins(self)
        return builtins

    def to_text(self) -> str:
        """Describe the memory for a prompt in a few short lines; empty if nothing is known."""
        known = self.knowledge_state
        lines = [f"Masters: {', '.join(known.mastered)}."] if known.mastered else []
        lines += [
            f"In progress: {workflow} ({state.attempts} attempts, {state.best_completion_pct:g}% at best, "
            f"{state.last_issue})."
            for workflow, state in known.in_progress.items()
        ]
        lines += [
            f"Struggles with {pattern.workflow}: {pattern.kind.replace('_', ' ')}, {pattern.count} times"
            + (f", at step {pattern.step}." if pattern.step else ".")
            for pattern in self.struggle_patterns
        ]
        return "\n".join(lines)


def memory_of(path_ids: Sequence[str], analyses: Iterable[SessionAnalysis]) -> UserMemory:
    """Compute a user's memory.

    Args:
        path_ids: ids of all golden paths; findings about others are ignored.
        analyses: the analyses of all the user's sessions, in any order.
    """
    history: dict[str, list[PathFinding]] = {path_id: [] for path_id in path_ids}
    for analysis in sorted(analyses, key=lambda one: (one.ended_at, one.session_id)):
        for finding in analysis.findings:
            if finding.path_id in history:
                history[finding.path_id].append(finding)
    mastered = [path_id for path_id, findings in history.items() if any(f.completed for f in findings)]
    in_progress = {i: f for i, f in history.items() if f and i not in mastered}
    return UserMemory(
        KnowledgeState(
            mastered=mastered,
            in_progress={path_id: _in_progress(findings) for path_id, findings in in_progress.items()},
            untouched=[path_id for path_id, findings in history.items() if not findings],
        ),
        JourneyCompletion(mastered, len(path_ids), round(len(mastered) / max(len(path_ids), 1), 2)),
        [pattern for path_id, findings in in_progress.items() for pattern in _struggles(path_id, findings)],
    )


def _in_progress(findings: Sequence[PathFinding]) -> InProgress:
    return InProgress(
        attempts=sum(finding.attempts for finding in findings),
        last_issue=_issue(findings[-1]),
        best_completion_pct=max(finding.completion_pct for finding in findings),
    )


def _issue(finding: PathFinding) -> str:
    """Return the latest obstacle; a failed step comes first, unless it was done in the end."""
    failed = next((step for step in finding.failed if step in finding.missed), "")
    return f"failed step: {failed}" if failed else f"missed step: {finding.missed[0]}"


def _struggles(path_id: str, findings: Sequence[PathFinding]) -> Iterable[StrugglePattern]:
    attempts = sum(finding.attempts for finding in findings)
    if attempts >= _REPEATEDLY:
        yield StrugglePattern(path_id, "repeated_attempts", attempts)
    if rage := sum(finding.rage for finding in findings):
        yield StrugglePattern(path_id, "rage_clicks", rage)
    for step, count in _counted(finding.failed for finding in findings).items():
        if count >= _REPEATEDLY:
            yield StrugglePattern(path_id, "failures", count, step)
    for step, count in _counted({finding.missed[0]: 1} for finding in findings if finding.missed).items():
        if count >= _REPEATEDLY:
            yield StrugglePattern(path_id, "abandoned", count, step)


def _counted(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for step, count in part.items():
            total[step] = total.get(step, 0) + count
    return total
