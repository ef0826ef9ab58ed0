"""The JSON report of ``rasa-autoplay results --json`` and of the route ``/results``.

Its keys are stable: new ones may be added, but none are removed or renamed. ``docs/does-it-help.md`` lists
them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rasa_autoplay.engine.results import wording
from rasa_autoplay.engine.results.comparison import Comparison, Times
from rasa_autoplay.engine.results.funnel import Funnel
from rasa_autoplay.engine.results.gate_prices import GatePrice
from rasa_autoplay.engine.results.losses import losses_of
from rasa_autoplay.engine.results.results import Results, TriggerGoal, TriggerResult
from rasa_autoplay.engine.results.uplift import Difference

__all__ = ["OVERALL_GOAL", "as_json"]

#: What the users of all triggers together are to reach.
OVERALL_GOAL = TriggerGoal("reached the goal of their first offer")


def as_json(results: Results) -> dict[str, Any]:
    """Return the results; times are epoch seconds, and shares are numbers from 0 to 1."""
    return {
        "product_id": results.product_id,
        "at": results.at,
        "since": results.since or None,
        "triggers": [_trigger(result) for result in results.triggers],
        "overall": _comparison(results.overall, OVERALL_GOAL),
        "gates": [_gate(price) for price in results.gates],
    }


def _trigger(result: TriggerResult) -> dict[str, Any]:
    comparison = result.comparison
    return {
        "trigger_id": result.trigger_id,
        "variant": result.variant,
        "goal": result.goal.text,
        "goal_within_s": result.goal.within_s,
        "funnel": _funnel(result.funnel),
        "days": [{"day": row.day, **_funnel(row.funnel)} for row in result.days],
        "verdict": wording.verdict_of(comparison),
        "answer": wording.answer_of(comparison, result.goal) if comparison else wording.no_comparison(result),
        "comparison": _comparison(comparison, result.goal),
        "harm": _harm(result.funnel),
        "losses": msgspec.to_builtins(losses_of(result.funnel)),
    }


def _funnel(funnel: Funnel) -> dict[str, Any]:
    counts: dict[str, Any] = msgspec.to_builtins(funnel)
    return {"fired": funnel.fired, **counts}


def _harm(funnel: Funnel) -> dict[str, Any]:
    seen = funnel.seen
    return {
        "seen": seen,
        "dismissed_share": (funnel.dismissed + funnel.snoozed) / seen if seen else None,
        "never_share": funnel.never / seen if seen else None,
    }


def _comparison(comparison: Comparison | None, goal: TriggerGoal) -> dict[str, Any] | None:
    if comparison is None:
        return None
    ratio = comparison.sample_ratio
    return {
        "against": comparison.against.value,
        "verdict": wording.verdict_of(comparison),
        "answer": wording.answer_of(comparison, goal),
        "warnings": list(wording.warnings_of(comparison, goal)),
        "since": comparison.since,
        "still_running": comparison.running,
        "goal": _difference(comparison.goal),
        "failures": _difference(comparison.failures),
        "effect": comparison.effect,
        "more_users": comparison.more_users,
        "treated_times": _times(comparison.treated_times),
        "control_times": _times(comparison.control_times),
        "sample_ratio": {
            "treated": ratio.treated,
            "expected": ratio.expected,
            "users": ratio.users,
            "p": ratio.p,
            "alarm": ratio.is_alarming,
        },
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "treated": msgspec.to_builtins(found.treated),
        "control": msgspec.to_builtins(found.control),
        "treated_share": found.treated_share,
        "control_share": found.control_share,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
    }


def _times(times: Times | None) -> dict[str, float] | None:
    return None if times is None else msgspec.to_builtins(times)


def _gate(price: GatePrice) -> dict[str, Any]:
    return {
        "gate": price.gate,
        "answer": wording.price_of(price),
        "known": price.is_known,
        "still_running": price.running,
        "more_users": price.more_users,
        "dismissed": _difference(price.dismissed),
        "never": _difference(price.never),
        "reached": _difference(price.reached),
    }
