"""The stored analysis of an ended session: one finding for each golden path that it began."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rasa_autoplay.engine.knowledge.path_results import PathResult
from rasa_autoplay.events.user_properties import PropertyValue

__all__ = ["PathFinding", "SessionAnalysis", "analysis_of"]


class PathFinding(msgspec.Struct, frozen=True):
    """The stored part of a :class:`PathResult`.

    Args:
        path_id: id of the path.
        attempts: number of attempts.
        completed: number of completed attempts.
        completion_pct: completion of the best attempt, 0 to 100.
        done: ids of the steps that the best attempt did, in the path's order.
        missed: ids of the required steps that it lacks; empty if it is complete.
        skipped: ids of the required steps that were skipped before a later one.
        repeated: how often each step was repeated, by id.
        failed: how often something went wrong in each step, by id.
        evidence: titles of the actions that prove the finding, by step id.
        rage: number of failures that were rage clicks.
    """

    path_id: str
    attempts: int
    completed: int
    completion_pct: float
    done: list[str] = []
    missed: list[str] = []
    skipped: list[str] = []
    repeated: dict[str, int] = {}
    failed: dict[str, int] = {}
    evidence: dict[str, list[str]] = msgspec.field(default_factory=dict, name="proofs")
    rage: int = 0


class SessionAnalysis(msgspec.Struct, frozen=True):
    """The analysis of an ended session.

    Args:
        product_id: id of the product.
        user_id: id of the user.
        session_id: id of the session.
        started_at: time of its first action, epoch seconds.
        ended_at: time of its last action, epoch seconds.
        action_count: number of actions.
        findings: one for each path that it began, the path with the latest step last.
        words: the language model's description; empty if there is none.
        properties: properties of the user that the app has set so far; None for removed ones.
        summary: the latest summary, by the source or a model; empty if there is none.
    """

    product_id: str
    user_id: str
    session_id: str
    started_at: float
    ended_at: float
    action_count: int
    findings: list[PathFinding] = []
    words: str = ""
    properties: dict[str, PropertyValue] = {}
    summary: str = ""


def finding_of(result: PathResult) -> PathFinding:
    """Return the stored part of a result."""
    steps = result.steps
    failures = [action for step in steps for action in step.failed]
    evidence = {s.step_id: [p.title for p in (*s.done, *s.repeated, *s.failed)] for s in steps}
    return PathFinding(
        path_id=result.path_id,
        attempts=result.attempts,
        completed=result.completed,
        completion_pct=result.completion_pct,
        done=result.ids("done"),
        missed=result.missed,
        skipped=result.ids("skipped"),
        repeated={s.step_id: len(s.repeated) for s in steps if s.repeated},
        failed={s.step_id: len(s.failed) for s in steps if s.failed},
        evidence={step_id: titles for step_id, titles in evidence.items() if titles},
        rage=sum(action.signal == "rage_click" for action in failures),
    )


def analysis_of(
    results: Iterable[PathResult],
    *,
    product_id: str,
    user_id: str,
    session_id: str,
    started_at: float,
    ended_at: float,
    action_count: int,
    properties: dict[str, PropertyValue],
    summary: str,
) -> SessionAnalysis:
    """Build the analysis of a session."""
    return SessionAnalysis(
        product_id,
        user_id,
        session_id,
        started_at,
        ended_at,
        action_count,
        list(map(finding_of, results)),
        properties=properties,
        summary=summary,
    )
