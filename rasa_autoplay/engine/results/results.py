"""The results of a product: for each trigger its funnel, and what its offers change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from rasa_autoplay.engine.results.comparison import Comparison
from rasa_autoplay.engine.results.funnel import Funnel, FunnelRow, totals_of
from rasa_autoplay.engine.results.gate_prices import GatePrice

__all__ = ["DEFAULT_WITHIN_S", "EVERYTHING", "Results", "TriggerGoal", "TriggerResult", "build_results"]

#: The time for the goal of a trigger that is not configured any more.
DEFAULT_WITHIN_S = 7 * 86_400.0
#: The place of the comparison of all triggers together: no trigger, no variant.
EVERYTHING = ("", "")


class TriggerGoal(NamedTuple):
    """What the users of a trigger are to reach.

    Args:
        text: what they did if they reached it, such as ``finished "Bulk edit"``.
        within_s: how much time they have, in seconds.
    """

    text: str = "reached the goal"
    within_s: float = DEFAULT_WITHIN_S


class TriggerResult(msgspec.Struct, frozen=True):
    """The results of one trigger, or of one variant of it.

    Args:
        trigger_id: the trigger.
        variant: the variant; empty for none.
        goal: what its users are to reach.
        funnel: the counts of the period.
        days: the same counts for each day.
        comparison: what the offers change; None if there are no users to compare with.
    """

    trigger_id: str
    variant: str
    goal: TriggerGoal
    funnel: Funnel
    days: Sequence[FunnelRow]
    comparison: Comparison | None


class Results(msgspec.Struct, frozen=True):
    """The results of a product.

    Args:
        product_id: the product.
        at: when they were computed, epoch seconds.
        since: the beginning of the period of the funnels, epoch seconds; 0 for everything.
        triggers: in order of their ids and variants.
        overall: all users against the holdout; None if there is no holdout.
        gates: the price of each gate that was explored.
    """

    product_id: str
    at: float
    since: float
    triggers: Sequence[TriggerResult]
    overall: Comparison | None
    gates: Sequence[GatePrice] = ()


def build_results(
    product_id: str,
    at: float,
    since: float,
    rows: Iterable[FunnelRow],
    comparisons: Mapping[tuple[str, str], Comparison],
    goals: Mapping[str, TriggerGoal],
    gates: Sequence[GatePrice] = (),
) -> Results:
    """Join funnels and comparisons.

    Args:
        product_id: the product.
        at: the present time, epoch seconds.
        since: the beginning of the funnels' period, epoch seconds.
        rows: the funnel of each day, trigger and variant.
        comparisons: by trigger and variant; that of all triggers together at ``EVERYTHING``.
        goals: by trigger.
        gates: the prices of the gates.
    """
    days: dict[tuple[str, str], list[FunnelRow]] = {}
    for row in rows:
        days.setdefault((row.trigger_id, row.variant), []).append(row)
    funnels = {place: totals_of(of_place)[0].funnel for place, of_place in days.items()}
    places = {*funnels, *comparisons} - {EVERYTHING}
    return Results(
        product_id=product_id,
        at=at,
        since=since,
        triggers=[
            TriggerResult(
                *place,
                goals.get(place[0], TriggerGoal()),
                funnels.get(place, Funnel()),
                sorted(days.get(place, ()), key=lambda row: row.day),
                comparisons.get(place),
            )
            for place in sorted(places)
        ],
        overall=comparisons.get(EVERYTHING),
        gates=gates,
    )
