"""One line a trigger: how often, to how many, and what stood against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rasa_autoplay.tools.simulation.outcome import Fire, Outcome

__all__ = ["TriggerFigures", "figures_of"]

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class TriggerFigures:
    """What a trigger did in all recordings together.

    Args:
        trigger_id: which.
        fires: how often it fired and the offer was made.
        users: to how many users.
        sessions: in how many sessions.
        per_user_and_day: fires for each user and day (UTC) on which that user did something at all.
        most_per_user_and_day: the most that one user would have seen of it in one day.
        suppressed: how often courtesy stopped or dropped it, by gate.
        deferred: how often an offer waited for a natural pause.
        near_misses: in how many sessions it came near.
    """

    trigger_id: str
    fires: int
    users: int
    sessions: int
    per_user_and_day: float
    most_per_user_and_day: int
    suppressed: dict[str, int]
    deferred: int
    near_misses: int


def figures_of(outcome: Outcome) -> list[TriggerFigures]:
    """The figures of every trigger, in order of priority."""
    days = max(len(outcome.days_of_users()), 1)
    return [_figures(outcome, trigger_id, days) for trigger_id in outcome.trigger_ids]


def _figures(outcome: Outcome, trigger_id: str, days: int) -> TriggerFigures:
    fires = [fire for fire in outcome.fires if fire.trigger_id == trigger_id]
    held = [s for s in outcome.suppressed if s.trigger_id == trigger_id]
    gates = Counter(s.gate for s in held if s.outcome != "deferred")
    return TriggerFigures(
        trigger_id=trigger_id,
        fires=len(fires),
        users=len({fire.user_id for fire in fires}),
        sessions=len({fire.session_id for fire in fires}),
        per_user_and_day=round(len(fires) / days, 4),
        most_per_user_and_day=max(Counter(map(_user_and_day, fires)).values(), default=0),
        suppressed=dict(gates.most_common()),
        deferred=sum(s.outcome == "deferred" for s in held),
        near_misses=sum(miss.trigger_id == trigger_id for miss in outcome.near_misses),
    )


def _user_and_day(fire: Fire) -> tuple[str, int]:
    return fire.user_id, int(fire.at // _DAY_S)
