"""What a report is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rasa_autoplay.engine.results.results import TriggerGoal

__all__ = ["ResultsQuery"]


class ResultsQuery(NamedTuple):
    """What to report.

    Args:
        now: epoch seconds.
        since: the beginning of the funnels' period, epoch seconds; 0 for everything.
        compared_since: only users whose first decision is not earlier are compared, epoch seconds.
        trigger_id: only this trigger; empty for all.
        goals: what the users of each trigger are to reach.
    """

    now: float
    since: float = 0.0
    compared_since: float = 0.0
    trigger_id: str = ""
    goals: Mapping[str, TriggerGoal] = {}
