"""Figures for each trigger: how often it fired, for how many users, and what suppressed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rasa_autoplay.engine.replay.results import Fire, Outcome

__all__ = ["TriggerFigures", "VariantFigures", "figures_of"]

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """The figures of one variant of a trigger.

    Args:
        variant: the variant's id.
        fires: how many of its offers were made.
        users: how many users got one.
        withheld: how many were withheld.
    """

    variant: str
    fires: int
    users: int
    withheld: int


@dataclass(frozen=True, slots=True)
class TriggerFigures:
    """One trigger's figures over all recordings.

    Args:
        trigger_id: the trigger's id.
        fires: how often it fired and the offer was made.
        users: how many users got an offer.
        sessions: how many sessions had an offer.
        per_user_and_day: mean number of fires per user and day (UTC), over the days on which a user was
            active.
        most_per_user_and_day: the maximum number of fires for one user in one day.
        suppressed: how often courtesy stopped or dropped an offer, by gate.
        deferred: how often an offer waited for a natural pause.
        near_misses: in how many sessions it nearly fired.
        withheld: how often chance withheld the offer, by arm.
        variants: the figures of each variant with an offer, made or withheld.
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
    withheld: dict[str, int]
    variants: list[VariantFigures]


def figures_of(outcome: Outcome) -> list[TriggerFigures]:
    """Compute the figures of every trigger, in order of priority."""
    days = max(len(outcome.days_of_users()), 1)
    return [_figures(outcome, trigger_id, days) for trigger_id in outcome.trigger_ids]


def _figures(outcome: Outcome, trigger_id: str, days: int) -> TriggerFigures:
    fires = [fire for fire in outcome.fires if fire.trigger_id == trigger_id]
    withheld = [fire for fire in outcome.withheld if fire.trigger_id == trigger_id]
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
        withheld=dict(Counter(fire.arm for fire in withheld).most_common()),
        variants=_variants(fires, withheld),
    )


def _variants(fires: Sequence[Fire], withheld: Sequence[Fire]) -> list[VariantFigures]:
    found = []
    for variant in sorted({fire.variant for fire in (*fires, *withheld)} - {""}):
        own = [fire for fire in fires if fire.variant == variant]
        users = len({fire.user_id for fire in own})
        count = sum(fire.variant == variant for fire in withheld)
        found.append(VariantFigures(variant, len(own), users, count))
    return found


def _user_and_day(fire: Fire) -> tuple[str, int]:
    return fire.user_id, int(fire.at // _DAY_S)
