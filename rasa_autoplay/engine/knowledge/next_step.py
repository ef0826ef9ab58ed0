"""Finds the gaps between golden paths and what the user did, and the most relevant next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.user_progress import NextStep, PathPosition, WorkflowMemory

__all__ = ["gaps_of", "next_step_of"]

_UNKNOWN = WorkflowMemory("")


def next_step_of(
    paths: Sequence[GoldenPath],
    workflows: Mapping[str, WorkflowMemory],
    positions: Mapping[str, PathPosition],
    page: str,
) -> NextStep | None:
    """Return the most relevant gap: in the current workflows, else in earlier ones, else in untried ones.

    Args:
        paths: all golden paths.
        workflows: the user's memory by path; empty while it is not known.
        positions: the paths that this session has begun; the latest comes last.
        page: canonical URL of the current page; empty if unknown.

    Returns:
        None if no workflow fits, or all that fit are mastered or finished.
    """
    return next(gaps_of(paths, workflows, positions, page), None)


def gaps_of(
    paths: Sequence[GoldenPath],
    workflows: Mapping[str, WorkflowMemory],
    positions: Mapping[str, PathPosition],
    page: str,
) -> Iterator[NextStep]:
    """Yield all gaps, the most relevant first; the arguments are those of :func:`next_step_of`."""
    for path_id, position in reversed(list(positions.items())):
        known = workflows.get(path_id, _UNKNOWN)
        if not position.finished and known.state != "mastered":
            yield from _in_progress(path_id, position, known)
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
                f"The user has never tried {path.title}. It begins with: {step}.",
            )


def _in_progress(path_id: str, position: PathPosition, known: WorkflowMemory) -> Iterator[NextStep]:
    missing = position.skipped_step or position.next_step
    if position.skipped_step or known.struggles:
        yield _missed(path_id, position.title, missing, known)
    else:
        yield NextStep(
            path_id, position.title, "continue", missing, f"The next step in {position.title} is: {missing}."
        )


def _missed(path_id: str, title: str, step: str, known: WorkflowMemory) -> NextStep:
    if not known.struggles:
        return NextStep(path_id, title, "missed", step, f"The user left out a step of {title}: {step}.")
    hard = known.failed_step or step
    text = f"The user has struggled with {title}, at: {hard}. Explain it in the chat, not with the tour."
    return NextStep(path_id, title, "explain", hard, text)
