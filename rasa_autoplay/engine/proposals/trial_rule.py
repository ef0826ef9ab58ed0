"""The rule for a proposal whose offers 5 % of the users get: to live, back to ghost, or what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.engine.proposals.figures import Figures, HarmFigures, TrialFigures
from rasa_autoplay.engine.proposals.harm_evidence import is_above, is_below, more_offers_needed
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.proposals.thresholds import Thresholds, level_of
from rasa_autoplay.engine.proposals.verdict import Step, Verdict
from rasa_autoplay.engine.results.uplift import Difference, difference_of, more_users_needed

__all__ = ["judge_trial"]


def judge_trial(figures: Figures, bounds: Thresholds) -> Verdict:
    """Judge a proposal on trial.

    Args:
        figures: everything that is known about it; at stage 5 %.
        bounds: the bounds.
    """
    trial, harm = figures.trial or TrialFigures(1, 0.0), figures.harm or HarmFigures()
    level = level_of(trial.number, bounds)
    goal = difference_of(trial.goal, level)
    against = [*_harm(harm, bounds), *_worse(trial, goal, level)]
    if against:
        return Verdict(Step.DOWN, Stage.GHOST, tuple(against))
    missing = list(_missing(trial, harm, goal, bounds))
    more = _more_users(trial, goal, level, bounds)
    if not missing and goal.low is not None and goal.low > 0:
        return Verdict(Step.UP, Stage.LIVE, (_better(goal),))
    futile = _futility(trial, goal, more, bounds)
    if futile:
        return Verdict(Step.DOWN, Stage.GHOST, (futile,))
    return Verdict(
        Step.STAY, Stage.TRIAL, missing=tuple(missing + _unclear(trial, goal, more, bounds)), more_users=more
    )


def _harm(harm: HarmFigures, bounds: Thresholds) -> Iterator[str]:
    if is_above(harm.silenced, harm.seen, bounds.most_silenced_share):
        yield (
            f"Users silenced {harm.silenced} of {harm.seen} seen offers; the bound is "
            f"{bounds.most_silenced_share:.0%}."
        )
    if is_above(harm.refused, harm.seen, bounds.most_refused_share):
        yield (
            f"Users refused {harm.refused} of {harm.seen} seen offers; the bound is "
            f"{bounds.most_refused_share:.0%}."
        )


def _worse(trial: TrialFigures, goal: Difference, level: float) -> Iterator[str]:
    if goal.high is not None and goal.high < 0:
        yield f"Users reach the goal less often with it: {_points(goal)}."
    failures = difference_of(trial.failures, level)
    if failures.low is not None and failures.low > 0:
        yield f"Something fails more often after its offers: {_points(failures)}."


def _missing(trial: TrialFigures, harm: HarmFigures, goal: Difference, bounds: Thresholds) -> Iterator[str]:
    if trial.days < bounds.trial_days:
        yield f"It needs about {bounds.trial_days - trial.days:.1f} more days at 5 %."
    if trial.is_uneven:
        yield "Something other than chance divides the users; see `rasa-autoplay results`."
    if goal.treated.users < bounds.trial_treated:
        yield f"It needs {bounds.trial_treated - goal.treated.users} more users with the offer."
    yield from _unproven("silenced", harm.silenced, harm.seen, bounds.most_silenced_share)
    yield from _unproven("refused", harm.refused, harm.seen, bounds.most_refused_share)


def _unproven(verb: str, count: int, seen: int, bound: float) -> Iterator[str]:
    """What is missing until a share of the seen offers is clearly below its bound."""
    if is_below(count, seen, bound):
        return
    more = more_offers_needed(count, seen, bound)
    needs = f"; that takes about {more:,} more seen offers" if more else ""
    yield (f"Users {verb} {count:,} of {seen:,} seen offers. This must be clearly below {bound:.0%}{needs}.")


def _more_users(trial: TrialFigures, goal: Difference, level: float, bounds: Thresholds) -> int | None:
    """About how many more users it takes if the difference stays what it is."""
    if goal.low is None or goal.low > 0:
        return None
    return more_users_needed(trial.goal, max(goal.difference, bounds.least_effect), level)


def _unclear(trial: TrialFigures, goal: Difference, more: int | None, bounds: Thresholds) -> list[str]:
    """What is missing until the interval is above 0, and how long that takes at the present pace."""
    if goal.low is None or goal.low > 0:
        return []
    unclear = f"It is not clear yet that users reach the goal more often: {_points(goal)}"
    if not (more and trial.users and trial.days):
        return [f"{unclear}."]
    days = more * trial.days / trial.users
    lines = [f"{unclear}; it needs about {more:,} more users, which takes about {days:,.0f} days."]
    if trial.days + days > bounds.most_trial_days:
        lines.append(
            f"That is too long: the rule takes it back after {bounds.most_trial_days:.0f} days. A larger "
            "share of users, such as rollout: 50%, needs fewer of them."
        )
    return lines


def _futility(trial: TrialFigures, goal: Difference, more: int | None, bounds: Thresholds) -> str:
    """Why no decision can come; empty if one can."""
    if goal.high is not None and goal.high < bounds.least_effect:
        return f"Its effect is smaller than {100 * bounds.least_effect:g} points at best: {_points(goal)}."
    if trial.days >= bounds.most_trial_days:
        return f"No decision after {trial.days:.0f} days and {trial.users:,} users: {_points(goal)}."
    return ""


def _better(goal: Difference) -> str:
    return f"Users reach the goal more often with it: {_points(goal)}. Harm is below its bounds."


def _points(found: Difference) -> str:
    if found.low is None or found.high is None:
        return f"{found.treated.users} users with the offer, {found.control.users} without"
    return (
        f"{found.treated_share:.1%} of {found.treated.users:,} with the offer, {found.control_share:.1%} of "
        f"{found.control.users:,} without, a difference of {100 * found.difference:+.1f} points "
        f"({100 * found.low:+.1f} to {100 * found.high:+.1f})"
    )
