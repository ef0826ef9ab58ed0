"""Says in plain words what the numbers mean, for people who decide about a product."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rasa_autoplay.engine.results.comparison import Comparison
from rasa_autoplay.engine.results.first_decisions import Against
from rasa_autoplay.engine.results.funnel import Funnel
from rasa_autoplay.engine.results.gate_prices import GatePrice
from rasa_autoplay.engine.results.results import TriggerGoal, TriggerResult
from rasa_autoplay.engine.results.uplift import LEAST_USERS, Difference
from rasa_autoplay.settings.durations import format_duration

__all__ = [
    "answer_of",
    "failures_of",
    "no_comparison",
    "percent",
    "points",
    "price_of",
    "refusals_of",
    "roughly",
    "span",
    "times_of",
    "verdict_of",
    "warnings_of",
]

_TREATED = {
    Against.CONTROL: "of the users with the toast",
    Against.HOLDOUT: "of the users with the toast",
    Against.OVERALL: "of the users whom the copilot may help",
}
_WITHOUT = {
    Against.CONTROL: "of those without",
    Against.HOLDOUT: "of the holdout, who get no toast of any trigger",
    Against.OVERALL: "of the holdout, whom it leaves alone",
}


def percent(share: float) -> str:
    """Format a share: ``12 %``, ``8.4 %``."""
    return f"{_rounded(share * 100):g} %"


def points(difference: float) -> str:
    """Format a difference of shares with its sign, without a unit: ``+4``, ``-0.5``, ``0``."""
    rounded = _rounded(difference * 100)
    return f"{rounded:+g}" if rounded else "0"


def span(found: Difference) -> str:
    """Format a difference with its interval: ``+4 points (between +1 and +7, 95 %)``."""
    if found.low is None or found.high is None:
        return f"{_points(found.difference)} (too few users for an interval)"
    return f"{_points(found.difference)} (between {points(found.low)} and {points(found.high)}, 95 %)"


def roughly(count: int) -> str:
    """Format a number with two significant digits: ``4,200``."""
    digits = max(int(math.log10(count)) - 1, 0) if count else 0
    return f"{round(count, -digits):,}"


def verdict_of(comparison: Comparison | None) -> str:
    """Return the answer to "does it help?" as one of the words of the JSON report.

    Returns:
        ``helps``, ``hinders``, ``unclear``, ``no_difference`` (none that would be worth looking for),
        ``too_few_users``, ``untrustworthy`` (the sample ratio is wrong), or ``no_comparison``.
    """
    if comparison is None:
        return "no_comparison"
    if comparison.sample_ratio.is_alarming:
        return "untrustworthy"
    if comparison.goal.low is None:
        return "too_few_users"
    if comparison.goal.is_clear:
        return "helps" if comparison.goal.difference > 0 else "hinders"
    return "no_difference" if comparison.more_users == 0 else "unclear"


_OPENINGS = {
    "helps": "Yes",
    "hinders": "No, it hinders",
    "unclear": "Not known yet",
    "no_difference": "Hardly",
    "too_few_users": "Not known yet",
    "untrustworthy": "This comparison cannot be trusted",
}


def answer_of(comparison: Comparison, goal: TriggerGoal) -> str:
    """Answer "does it help?"."""
    found, verdict = comparison.goal, verdict_of(comparison)
    if verdict == "too_few_users":
        counts = f"{found.treated.users:,} with and {found.control.users:,} without"
        return (
            f"Not known yet: {counts} have had their {format_duration(goal.within_s)}, and each group needs "
            f"{LEAST_USERS} users. {_missing(comparison)}"
        ).rstrip()
    sentence = (
        f"{_OPENINGS[verdict]}: {percent(found.treated_share)} {_TREATED[comparison.against]} {goal.text}, "
        f"{percent(found.control_share)} {_WITHOUT[comparison.against]}: {span(found)}."
    )
    if verdict == "unclear":
        return f"{sentence} {_missing(comparison)}"
    if verdict == "no_difference":
        return f"{sentence} There are enough users to see {_size(comparison.effect)}."
    return sentence


def _missing(comparison: Comparison) -> str:
    needed = comparison.more_users
    if needed is None:
        users = comparison.goal.treated.users and comparison.goal.control.users
        more = "more than 10 million users would be needed" if users else "one of the groups is empty"
        return f"Not enough data: {more}."
    is_own = comparison.effect == abs(comparison.goal.difference)
    size = "this size" if is_own else _size(comparison.effect)
    return f"Not enough data: about {roughly(needed)} more users for an effect of {size}." if needed else ""


def no_comparison(result: TriggerResult) -> str:
    """Say why there is nothing to compare, and what to do."""
    if not result.funnel.offered and result.funnel.withheld.get("ghost"):
        return (
            "Nothing is shown yet: the rollout is ghost. Write rollout: 10%, and the users with the toast "
            "are compared with those without."
        )
    if not result.funnel.offered and not result.funnel.withheld:
        return "It has not made an offer yet."
    return (
        "Not known: every user gets the toast, so there is nobody to compare with. Write rollout: 50% for "
        "this trigger, or a holdout for all."
    )


def times_of(comparison: Comparison) -> str:
    """Say how long the users needed; empty if nobody reached the goal."""
    parts = [
        f"{name} {_time(times.median_s)} (half of them {_time(times.lower_quartile_s)} to "
        f"{_time(times.upper_quartile_s)})"
        for name, times in (("with", comparison.treated_times), ("without", comparison.control_times))
        if times is not None
    ]
    return f"{', '.join(parts)}; only of those who got there" if parts else ""


def failures_of(comparison: Comparison) -> str:
    """Say how often something failed within 10 minutes after."""
    found = comparison.failures
    return (
        f"{percent(found.treated_share)} had a failure within 10 minutes, {percent(found.control_share)} "
        f"without: {span(found)}"
    )


def refusals_of(funnel: Funnel) -> str:
    """Say how many of those who saw an offer did not want it."""
    seen = funnel.seen
    dismissed, never = percent((funnel.dismissed + funnel.snoozed) / seen), percent(funnel.never / seen)
    return f'of {seen:,} who saw it, {dismissed} closed it and {never} chose "Don\'t show again"'


def warnings_of(comparison: Comparison, goal: TriggerGoal) -> Iterator[str]:
    """Yield what a reader must know before believing the comparison."""
    ratio = comparison.sample_ratio
    if ratio.is_alarming:
        yield (
            f"The groups have the wrong sizes: {ratio.treated:,} of {ratio.users:,} users have the toast, "
            f"and {ratio.expected:,.0f} should (p < 0.001). Something other than chance divides them. Find "
            "out what before you use these numbers."
        )
    if comparison.failures.is_clear and comparison.failures.difference > 0:
        yield f"More users have a failure soon after the toast: {span(comparison.failures)}."
    if comparison.running:
        yield (
            f"Still running: {comparison.running:,} users have not had their "
            f"{format_duration(goal.within_s)} yet. They are not counted."
        )


def price_of(price: GatePrice) -> str:
    """Say what a gate spares and what it costs, or how much is missing to say it."""
    opened, closed = price.reached.treated.users, price.reached.control.users
    users = f"{opened:,} users with the gate opened by chance, {closed:,} with it closed"
    if not price.is_known:
        if price.more_users is None or price.reached.low is None:
            needed = f"each group needs {LEAST_USERS} users"
        else:
            needed = f"about {roughly(price.more_users)} more users are needed"
        return f"Not enough data: {users}; {needed}."
    return (
        f"Closing it spares {span(price.dismissed)} of dismissed toasts and {span(price.never)} of "
        f'"Don\'t show again", and costs {span(price.reached)} of users who reach the goal ({users}).'
    )


def _size(effect: float) -> str:
    return _points(effect).lstrip("+")


def _points(difference: float) -> str:
    text = points(difference)
    return f"{text} point{'' if text in ('+1', '-1') else 's'}"


def _rounded(number: float) -> float:
    return round(number, 1) + 0.0  # without a minus before zero


def _time(seconds: float) -> str:
    unit = 1 if seconds < 120 else 60 if seconds < 7_200 else 3_600 if seconds < 172_800 else 86_400
    name = {1: "s", 60: "min", 3_600: "h", 86_400: "days"}[unit]
    return f"{round(seconds / unit):,} {name}"
