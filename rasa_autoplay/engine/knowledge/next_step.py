"""The gap, golden path minus what was done: the single most relevant next step, or silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rasa_autoplay.engine.knowledge.facts import NextStep, PathPosition, WorkflowMemory
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["gaps_of", "next_step_of"]

_UNKNOWN = WorkflowMemory("")


def next_step_of(
    paths: Sequence[GoldenPath],
    workflows: Mapping[str, WorkflowMemory],
    positions: Mapping[str, PathPosition],
    page: str,
) -> NextStep | None:
    """Where the user is comes before what they began another day, and that before what they never tried.

    Args:
        paths: all golden paths.
        workflows: what is remembered, by path; empty while it is not known.
        positions: the paths that this session has begun; the one moved in last comes last.
        page: canonical URL of where the user is; empty when unknown.

    Returns:
        None for silence: nothing fits, or all that does is mastered or finished.
    """
    return next(gaps_of(paths, workflows, positions, page), None)


def gaps_of(
    paths: Sequence[GoldenPath],
    workflows: Mapping[str, WorkflowMemory],
    positions: Mapping[str, PathPosition],
    page: str,
) -> Iterator[NextStep]:
    """All gaps, the most relevant first; the arguments are those of :func:`next_step_of`."""
    for path_id, position in reversed(list(positions.items())):
        known = workflows.get(path_id, _UNKNOWN)
        if not position.finished and known.state != "mastered":
            yield from _under_way(path_id, position, known)
    here = [p for p in paths if p.page and p.is_on(page) and p.id in workflows and p.id not in positions]
    for path in here:
        known = workflows[path.id]
        if known.state == "in_progress" and known.missing_step:
            yield _missed(path.id, path.title, known.missing_step, known)
    for path in here:
        if workflows[path.id].state == "untouched":
            step = path.name_of(0)
            yield NextStep(
                path.id,
                path.title,
                "introduce",
                step,
                f"They never tried {path.title}. It begins with: {step}.",
            )


def _under_way(path_id: str, position: PathPosition, known: WorkflowMemory) -> Iterator[NextStep]:
    missing = position.skipped_step or position.next_step
    if position.skipped_step or known.struggles:
        yield _missed(path_id, position.title, missing, known)
    else:
        yield NextStep(
            path_id, position.title, "continue", missing, f"In {position.title} comes next: {missing}."
        )


def _missed(path_id: str, title: str, step: str, known: WorkflowMemory) -> NextStep:
    if not known.struggles:
        return NextStep(path_id, title, "missed", step, f"In {title} they left out: {step}.")
    hard = known.failed_step or step
    text = f"They have struggled with {title}, at: {hard}. Explain it in the chat, not by the tour."
    return NextStep(path_id, title, "explain", hard, text)
