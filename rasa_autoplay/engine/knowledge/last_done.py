"""When users last did the steps of a golden path, by one definition for the studio and for freshness."""

from __future__ import annotations

from collections.abc import Iterable

from rasa_autoplay.engine.knowledge.attempts import StepEvidence

__all__ = ["last_done_of"]


def last_done_of(evidence: Iterable[StepEvidence]) -> dict[int, float]:
    """Return when each step was last done, epoch seconds, by the step's index.

    An ordinary action does all steps that it matches. A failure does none.

    Args:
        evidence: about one path, in any order.
    """
    last: dict[int, float] = {}
    for action in evidence:
        for step in () if action.signal else action.steps:
            last[step] = max(last.get(step, 0.0), action.at)
    return last
