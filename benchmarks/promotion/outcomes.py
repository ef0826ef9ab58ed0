"""What became of the planted triggers of each seed."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import NamedTuple

from benchmarks.promotion.behaviour import MONTHLY_USERS
from benchmarks.promotion.campaign import TRIAL_SHARE, Planted, run
from benchmarks.promotion.log_check import decided_again
from rasa_autoplay.engine.proposals.stage import Stage

__all__ = ["Outcome", "outcomes_of", "print_table"]

_SHOWN = (Stage.TRIAL, Stage.LIVE)


class Outcome(NamedTuple):
    """What became of the triggers of one seed.

    Args:
        seed: the seed.
        useful_live: useful triggers that are live at the end.
        harmful_beyond_ghost: harmful ones at 5 % or live at the end.
        harmful_ever_live: harmful ones that were live at any time.
        harmful_ever_shown: harmful ones that were at 5 % at any time.
        days_to_live: the median day on which the useful ones went live.
        bothered: users who saw an offer of a harmful trigger, summed over the triggers.
        most_bothered: the same for the trigger with most of them.
        decisions: how many decisions were computed again from the logs.
        different: which answers differ.
        missed: why useful triggers are not live.
    """

    seed: int
    useful_live: int
    harmful_beyond_ghost: int
    harmful_ever_live: int
    harmful_ever_shown: int
    days_to_live: float
    bothered: int
    most_bothered: int
    decisions: int
    different: list[str]
    missed: list[str]


def _outcome(seed: int, monthly_users: int, share: float) -> Outcome:
    triggers = run(seed, monthly_users, share)
    useful = [each for each in triggers if each.is_useful]
    harmful = [each for each in triggers if not each.is_useful]
    live = [each for each in useful if each.stage is Stage.LIVE]
    bothered = [int(each.books.bothered.sum()) for each in harmful]
    count, different = decided_again(triggers)
    return Outcome(
        seed,
        len(live),
        sum(each.stage in _SHOWN for each in harmful),
        sum(each.highest is Stage.LIVE for each in harmful),
        sum(each.highest in _SHOWN for each in harmful),
        statistics.median(each.stepped for each in live) if live else 0.0,
        sum(bothered),
        max(bothered),
        count,
        different,
        [_missed(each) for each in useful if each.stage is not Stage.LIVE],
    )


def _missed(trigger: Planted) -> str:
    why = trigger.decisions[-1][1].verdict.reasons[0] if trigger.decisions else "no step"
    return f"effect {trigger.behaviour.effect:+.3f}, {trigger.behaviour.users:,} users: {why}"


def print_table(found: Sequence[Outcome]) -> None:
    """Print a line for each seed."""
    print(
        "| seed | useful live, of 20 | days until live, median | harmful beyond ghost, of 20 | ever at 5 % "
        "| ever live | users who saw a harmful one | for the worst | decided again |"
    )
    print("| -: " * 9 + "|")
    for each in found:
        same = each.decisions - len(each.different)
        print(
            f"| {each.seed} | {each.useful_live} | {each.days_to_live:.0f} | {each.harmful_beyond_ghost} "
            f"| {each.harmful_ever_shown} | {each.harmful_ever_live} | {each.bothered:,} "
            f"| {each.most_bothered:,} | {same} of {each.decisions} |"
        )
    for each in found:
        for text in each.missed:
            print(f"seed {each.seed}, useful but not live: {text}")
    reached = Counter(each.useful_live >= 18 for each in found)
    print(
        f"\nAt least 18 useful ones live in {reached[True]} of {len(found)} seeds; mean "
        f"{statistics.mean(each.useful_live for each in found):.1f} of 20."
    )


def outcomes_of(
    seeds: Sequence[int], monthly_users: int = MONTHLY_USERS, share: float = TRIAL_SHARE
) -> list[Outcome]:
    """Run the seeds, two at a time.

    Args:
        seeds: one for each run.
        monthly_users: the size of the app.
        share: the share of users with offers at the stage 5 %.
    """
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(partial(_outcome, monthly_users=monthly_users, share=share), seeds))
