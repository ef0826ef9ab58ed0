"""What stays of a session that has ended: one finding for each golden path that it began."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rasa_autoplay.engine.knowledge.path_results import PathResult
from rasa_autoplay.events.user_properties import PropertyValue

__all__ = ["PathFinding", "SessionAnalysis", "analysis_of"]


class PathFinding(msgspec.Struct, frozen=True):
    """How one session went along one path; of :class:`PathResult`, what is worth keeping.

    Args:
        path_id: which path.
        attempts: how often it was begun.
        completed: how often the path was gone to its end.
        completion_pct: of the best attempt, 0 to 100.
        done: ids of the steps that the best attempt did, in the path's order.
        missed: ids of the required steps that it still lacks; none when it is complete.
        skipped: ids of the required steps that were left out before one that was done.
        repeated: how often each step was repeated, by id.
        failed: how often something went wrong in each step, by id.
        proofs: titles of the actions that prove it, by step id.
        rage: how many of the failures were rage clicks.
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
    proofs: dict[str, list[str]] = {}
    rage: int = 0


class SessionAnalysis(msgspec.Struct, frozen=True):
    """What is stored of a session that has ended.

    Args:
        product_id: of which product.
        user_id: whose session.
        session_id: which session.
        started_at: time of its first action, epoch seconds.
        ended_at: time of its last action, epoch seconds.
        action_count: how many actions it had.
        findings: one for each path that it began, the one moved in last at the end.
        words: a sentence of the language model's about it; empty without one.
        properties: what the app has said of the user, up to then; None for what it took back.
        summary: the newest summary of it, by the source or a model; empty without one.
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


def finding_of(verdict: PathResult) -> PathFinding:
    """What is kept of a verdict."""
    steps = verdict.steps
    failures = [proof for step in steps for proof in step.failed]
    proofs = {s.step_id: [p.title for p in (*s.done, *s.repeated, *s.failed)] for s in steps}
    return PathFinding(
        path_id=verdict.path_id,
        attempts=verdict.attempts,
        completed=verdict.completed,
        completion_pct=verdict.completion_pct,
        done=verdict.ids("done"),
        missed=verdict.missed,
        skipped=verdict.ids("skipped"),
        repeated={s.step_id: len(s.repeated) for s in steps if s.repeated},
        failed={s.step_id: len(s.failed) for s in steps if s.failed},
        proofs={step_id: titles for step_id, titles in proofs.items() if titles},
        rage=sum(proof.signal == "rage_click" for proof in failures),
    )


def analysis_of(
    verdicts: Iterable[PathResult],
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
    """Sum a session up."""
    return SessionAnalysis(
        product_id,
        user_id,
        session_id,
        started_at,
        ended_at,
        action_count,
        list(map(finding_of, verdicts)),
        properties=properties,
        summary=summary,
    )
