"""Runs the promotion benchmark.

``python -m benchmarks.promotion`` runs 12 seeds; ``--seeds 1 2 3`` others; ``--monthly-users 20000`` another
app; ``--null`` counts how often the rule's interval calls useless triggers useful.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import NamedTuple

from benchmarks.promotion.behaviour import MONTHLY_USERS
from benchmarks.promotion.campaign import Planted, run
from benchmarks.promotion.log_check import decided_again
from benchmarks.promotion.null_trials import called_useful
from rasa_autoplay.engine.proposals.stage import Stage

_SHOWN = (Stage.TRIAL, Stage.LIVE)
_NULLS = ((0.02, 80), (0.02, 20), (0.1, 80), (0.1, 20), (0.5, 80))


class _Outcome(NamedTuple):
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


def _outcome(seed: int, monthly_users: int) -> _Outcome:
    triggers = run(seed, monthly_users)
    useful = [each for each in triggers if each.is_useful]
    harmful = [each for each in triggers if not each.is_useful]
    live = [each for each in useful if each.stage is Stage.LIVE]
    bothered = [int(each.books.bothered.sum()) for each in harmful]
    count, different = decided_again(triggers)
    return _Outcome(
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


def _print_table(found: Sequence[_Outcome]) -> None:
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


def _print_nulls(runs: int) -> None:
    print("| share with the goal | new users a day | called useful at some of 113 daily looks |")
    print("| -: | -: | -: |")
    for base, users in _NULLS:
        print(f"| {base:.0%} | {users} | {called_useful(runs, base, users, 5)} of {runs:,} |")


def main() -> int:
    """Run it; the exit status is 1 if a harmful trigger is beyond ghost, or a decision differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promotion")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 13)))
    parser.add_argument("--monthly-users", type=int, default=MONTHLY_USERS)
    parser.add_argument("--null", type=int, default=0, metavar="RUNS")
    arguments = parser.parse_args()
    if arguments.null:
        _print_nulls(arguments.null)
        return 0
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(partial(_outcome, monthly_users=arguments.monthly_users), arguments.seeds))
    _print_table(found)
    return int(any(each.harmful_beyond_ghost or each.different for each in found))


if __name__ == "__main__":
    sys.exit(main())
