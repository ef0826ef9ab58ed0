"""A user's memory: what they master, what they are at, what they never tried, and where they struggle.

The form is the vendor's, so that code written for its SDK reads it. It is computed from the analyses of all
sessions, so that forgetting a session, or adding a golden path, needs no repair of anything stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis

__all__ = ["InProgress", "JourneyCompletion", "KnowledgeState", "StrugglePattern", "UserMemory", "memory_of"]

#: So often is no accident any more.
_REPEATEDLY = 3


class InProgress(msgspec.Struct, frozen=True):
    """A workflow that was begun and never completed.

    Args:
        attempts: how often it was begun, over all sessions.
        last_issue: what stood against it last: ``missed step: <id>`` or ``failed step: <id>``.
        best_completion_pct: how far the best attempt came, 0 to 100.
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
    """How much of the app the user has made their own.

    Args:
        completed_workflows: ids of golden paths.
        total_known_workflows: how many golden paths there are.
        completion_rate: from 0 to 1.
    """

    completed_workflows: list[str] = []
    total_known_workflows: int = 0
    completion_rate: float = 0.0


class StrugglePattern(msgspec.Struct, frozen=True):
    """Something that went wrong again and again.

    Args:
        workflow: id of the golden path.
        kind: ``repeated_attempts`` (three or more), ``failures`` (three or more at one step), ``abandoned``
            (three or more sessions that stopped at one step), or ``rage_clicks`` (each is three clicks or
            more on one control within a second, so one is enough).
        count: how often.
        step: id of the step at which it happened; empty where it was not one step.
    """

    workflow: str
    kind: str
    count: int
    step: str = ""


class UserMemory(msgspec.Struct, frozen=True):
    """What is known of one user."""

    knowledge_state: KnowledgeState
    journey_completion: JourneyCompletion
    struggle_patterns: list[StrugglePattern] = []

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        builtins: dict[str, Any] = msgspec.to_builtins(self)
        return builtins

    def to_text(self) -> str:
        """For a prompt: a few short lines; empty for a user of whom nothing is known."""
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
    """Sum up a user.

    Args:
        path_ids: the golden paths that there are; what is stored of others is left out.
        analyses: of all the user's sessions, in any order.
    """
    history: dict[str, list[PathFinding]] = {path_id: [] for path_id in path_ids}
    for analysis in sorted(analyses, key=lambda one: (one.ended_at, one.session_id)):
        for finding in analysis.findings:
            if finding.path_id in history:
                history[finding.path_id].append(finding)
    mastered = [path_id for path_id, findings in history.items() if any(f.completed for f in findings)]
    under_way = {i: f for i, f in history.items() if f and i not in mastered}
    return UserMemory(
        KnowledgeState(
            mastered=mastered,
            in_progress={path_id: _in_progress(findings) for path_id, findings in under_way.items()},
            untouched=[path_id for path_id, findings in history.items() if not findings],
        ),
        JourneyCompletion(mastered, len(path_ids), round(len(mastered) / max(len(path_ids), 1), 2)),
        [pattern for path_id, findings in under_way.items() for pattern in _struggles(path_id, findings)],
    )


def _in_progress(findings: Sequence[PathFinding]) -> InProgress:
    return InProgress(
        attempts=sum(finding.attempts for finding in findings),
        last_issue=_issue(findings[-1]),
        best_completion_pct=max(finding.completion_pct for finding in findings),
    )


def _issue(finding: PathFinding) -> str:
    """What went wrong stands against it more than what was not done yet, unless it was done after all."""
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
