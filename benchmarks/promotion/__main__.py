"""Runs the promotion benchmark.

``python -m benchmarks.promotion`` runs 12 seeds; ``--seeds 1 2 3`` others; ``--monthly-users 20000`` another
app; ``--share 0.5`` another share of users at the stage 5 %. ``--null 2000`` counts instead how often the
rule's interval calls useless triggers useful.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.promotion.behaviour import MONTHLY_USERS
from benchmarks.promotion.campaign import TRIAL_SHARE
from benchmarks.promotion.measurement import SEEDS
from benchmarks.promotion.null_trials import called_useful
from benchmarks.promotion.outcomes import outcomes_of, print_table

_NULLS = ((0.02, 80), (0.02, 20), (0.1, 80), (0.1, 20), (0.5, 80))


def _print_nulls(runs: int) -> None:
    print("| share with the goal | new users a day | called useful at some of 113 daily looks |")
    print("| -: | -: | -: |")
    for base, users in _NULLS:
        print(f"| {base:.0%} | {users} | {called_useful(runs, base, users, 5)} of {runs:,} |")


def main() -> int:
    """Run it; the exit status is 1 if a harmful trigger is beyond ghost, or a decision differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promotion")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--monthly-users", type=int, default=MONTHLY_USERS)
    parser.add_argument("--share", type=float, default=TRIAL_SHARE)
    parser.add_argument("--null", type=int, default=0, metavar="RUNS")
    arguments = parser.parse_args()
    if arguments.null:
        _print_nulls(arguments.null)
        return 0
    found = outcomes_of(arguments.seeds, arguments.monthly_users, arguments.share)
    print_table(found)
    return int(any(each.harmful_beyond_ghost or each.different for each in found))


if __name__ == "__main__":
    sys.exit(main())
