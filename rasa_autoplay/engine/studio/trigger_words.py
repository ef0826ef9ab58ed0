"""Says in words to whom a trigger speaks, how often, and what for: its rollout, goal and limits."""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.engine.goals.goal import Goal
from rasa_autoplay.engine.results.wording import percent
from rasa_autoplay.engine.triggers.rules.formatting import lasting
from rasa_autoplay.engine.triggers.rules.wording import conditions_in_words
from rasa_autoplay.settings.limits import LimitSettings, PathLimitSettings, TriggerLimitSettings
from rasa_autoplay.settings.rollout import HoldoutSettings, RolloutSettings

__all__ = ["goal_words", "holdout_words", "limits_in_words", "rollout_words"]


def rollout_words(rollout: RolloutSettings) -> str:
    """Say which users get the trigger's offers."""
    if rollout.is_off:
        return "It is off: it is never evaluated."
    if rollout.is_ghost:
        return "It is a ghost: it decides and records, but nothing is shown to anybody."
    if rollout.shown_share >= 1:
        return "All users can get its toast."
    return (
        f"{percent(rollout.shown_share)} of the users can get its toast. The others never see it, so "
        "they are the ones to compare with."
    )


def holdout_words(holdout: HoldoutSettings | None) -> str:
    """Say which users get no offers of any trigger; empty if there are none."""
    if holdout is None or not holdout.share:
        return ""
    return f"{percent(holdout.share)} of all users never get a toast of any trigger (the holdout)."


def goal_words(goal: Goal, path_title: str, *, has_path: bool) -> str:
    """Say what the users of a trigger are to reach.

    Args:
        goal: the trigger's goal.
        path_title: title of the trigger's golden path; empty if it has none.
        has_path: whether its offers can be about a workflow that it finds.
    """
    within = f"within {lasting(goal.within_s)} after the decision"
    if goal.condition is None:
        if not (path_title or has_path):
            return "It has no goal. Give it a goal or a golden_path, and its effect can be measured."
        what = f"“{path_title}”" if path_title else "the golden path that the offer is about"
        return f"The user finishes {what} {within}."
    conditions = "; ".join(words.text for words in conditions_in_words(goal.condition))
    return f"{conditions[0].upper()}{conditions[1:]}; {within}."


def limits_in_words(limits: LimitSettings, own: TriggerLimitSettings) -> list[str]:
    """Return the limits that keep a trigger's offers from becoming noise, one sentence each.

    Args:
        limits: those for all triggers.
        own: those of this trigger.
    """
    return [
        *_caps(limits, own),
        *_silences(limits, own),
        *_moments(limits, own),
        *_people(limits, own),
    ]


def _caps(limits: LimitSettings, own: TriggerLimitSettings) -> Iterator[str]:
    if limits.min_interval:
        yield f"At least {lasting(limits.min_interval)} between two toasts to a user, of any trigger."
    if own.min_interval:
        yield f"At least {lasting(own.min_interval)} between two toasts of this trigger to a user."
    if limits.per_user_per_day:
        yield f"At most {_toasts(limits.per_user_per_day)} to a user in a day, of all triggers together."
    if own.per_day:
        yield f"At most {_toasts(own.per_day)} of this trigger to a user in a day."
    if own.per_user:
        yield f"At most {_toasts(own.per_user)} of this trigger to a user, ever."
    yield from _caps_of_path(limits.per_golden_path)


def _caps_of_path(limits: PathLimitSettings) -> Iterator[str]:
    if limits.min_interval:
        yield f"At least {lasting(limits.min_interval)} between two toasts about one workflow to a user."
    if limits.per_day:
        yield f"At most {_toasts(limits.per_day)} about one workflow to a user in a day."
    if limits.per_user:
        yield f"At most {_toasts(limits.per_user)} about one workflow to a user, ever."


def _silences(limits: LimitSettings, own: TriggerLimitSettings) -> Iterator[str]:
    accepted = limits.after_accepted if own.after_accepted is None else own.after_accepted
    snooze = limits.snooze if own.snooze is None else own.snooze
    if accepted:
        yield f"Silent for {lasting(accepted)} about a workflow after the user accepted help with it."
    if snooze:
        yield f"Silent for {lasting(snooze)} about a workflow after the user closed the toast."
    if own.skip_mastered == "unaided":
        yield "No offer to users who master the workflow without its help."
    elif own.skip_mastered:
        yield "No offer to users who master the workflow."


def _moments(limits: LimitSettings, own: TriggerLimitSettings) -> Iterator[str]:
    pauses = limits.hold_until if own.hold_until is None else own.hold_until
    if pauses:
        longest = limits.max_wait if own.max_wait is None else own.max_wait
        yield f"Waits for a natural pause ({', '.join(pauses)}), for at most {lasting(longest)}."
    if hours := limits.quiet_hours:
        zone = "the user's own time" if hours.tz == "user" else hours.tz
        yield f"Quiet from {hours.from_:%H:%M} to {hours.to:%H:%M} ({zone})."
    explored = limits.explore if own.explore is None else own.explore
    if explored:
        yield f"For {percent(explored)} of the users, chance may open a closed gate, to measure its cost."


def _people(limits: LimitSettings, own: TriggerLimitSettings) -> Iterator[str]:
    if wanted := own.newcomers or limits.newcomers:
        pages = f"{wanted.pages} page{'s' if wanted.pages != 1 else ''}"
        yield f"Newcomers look around first: {lasting(wanted.after)} and {pages}."
    if roles := limits.roles if own.roles is None else own.roles:
        yield f"Only users with the role {' or '.join(roles)}."


def _toasts(number: int) -> str:
    return f"{number} toast{'s' if number != 1 else ''}"
