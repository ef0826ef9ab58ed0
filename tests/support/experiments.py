# ruff: noqa: T201
"""Simulated experiments, for checking how often the interval is wrong.

``PYTHONPATH=tests python -m support.experiments`` prints the table of ``docs/decisions/0060``.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from rasa_autoplay.engine.results.uplift import Difference, Group, Stratum, difference_of

LOOKS = 30


@dataclass(frozen=True)
class Experiment:
    """An experiment whose truth is known.

    Args:
        control: the share of the control users who reach the goal.
        uplift: by how much the share of the treated users is larger.
        shares: the shares of the treated arm; each is in force for the same number of users.
        users: the number of users at the end.
        looks: how often the team looks, each time after the same number of new users.
    """

    control: float
    uplift: float
    shares: tuple[float, ...] = (0.5,)
    users: int = 6_000
    looks: int = LOOKS


@dataclass(frozen=True)
class Outcome:
    """How an experiment's looks turned out, over many runs of it.

    Args:
        missed: the share of the runs in which the interval misses the truth at any look.
        reported: the share of the runs in which the interval excludes 0 at any look.
        users_until_reported: for each run, the number of users at the first look that excludes 0; the runs in
            which there is none are missing.
    """

    missed: float
    reported: float
    users_until_reported: list[int]


def looks_at(experiment: Experiment, dice: random.Random) -> Iterator[tuple[int, Difference]]:
    """Run an experiment once; yield the number of users and the comparison at each look."""
    strata = {share: (Group(), Group()) for share in experiment.shares}
    per_look = experiment.users // experiment.looks
    for look in range(experiment.looks):
        share = experiment.shares[look * len(experiment.shares) // experiment.looks]
        treated = _binomial(dice, per_look, share)
        control = per_look - treated
        old = strata[share]
        strata[share] = (
            old[0] + Group(treated, _binomial(dice, treated, experiment.control + experiment.uplift)),
            old[1] + Group(control, _binomial(dice, control, experiment.control)),
        )
        found = difference_of([Stratum(share, *groups) for share, groups in strata.items()])
        yield (look + 1) * per_look, found


def repeat(experiment: Experiment, runs: int, seed: int) -> Outcome:
    """Run an experiment many times."""
    dice = random.Random(seed)  # noqa: S311
    missed, reported = 0, []
    for _ in range(runs):
        is_missed, first_report = False, 0
        for users, found in looks_at(experiment, dice):
            if found.low is None or found.high is None:
                continue
            is_missed |= not found.low <= experiment.uplift <= found.high
            first_report = first_report or (users if found.is_clear else 0)
        missed += is_missed
        reported += [first_report] if first_report else []
    return Outcome(missed / runs, len(reported) / runs, reported)


def _binomial(dice: random.Random, count: int, probability: float) -> int:
    draw = dice.random
    return sum(draw() < probability for _ in range(count))


#: The rows of the issue, and corners in which an asymptotic interval could fail.
EXPERIMENTS = {
    "no effect, 30 % reach the goal": Experiment(0.3, 0.0),
    "+5 points at 30 %": Experiment(0.3, 0.05, users=12_000),
    "+10 points at 30 %": Experiment(0.3, 0.1, users=3_000),
    "rare goal (1 %), share 10 %": Experiment(0.01, 0.0, (0.1,), 20_000),
    "rare goal (1 %), share 50 %": Experiment(0.01, 0.0, (0.5,), 20_000),
    "rare goal (1 %), share 95 %": Experiment(0.01, 0.0, (0.95,), 20_000),
    "rare goal (1 %), +4 points, share 95 %": Experiment(0.01, 0.04, (0.95,), 20_000),
    "very rare goal (0.1 %), share 95 %": Experiment(0.001, 0.0, (0.95,), 60_000),
    "common goal (90 %), share 10 %": Experiment(0.9, 0.0, (0.1,)),
    "common goal (90 %), share 50 %": Experiment(0.9, 0.0, (0.5,)),
    "common goal (90 %), share 95 %": Experiment(0.9, 0.0, (0.95,)),
    "common goal (90 %), +5 points, share 95 %": Experiment(0.9, 0.05, (0.95,)),
    "nearly all (99 %), share 99 %": Experiment(0.99, 0.0, (0.99,), 30_000),
    "30 %, share raised from 10 % to 50 %": Experiment(0.3, 0.0, (0.1, 0.5)),
    "1 %, share raised from 1 % to 10 % to 50 % to 95 %": Experiment(
        0.01, 0.0, (0.01, 0.1, 0.5, 0.95), 30_000
    ),
    "90 %, share raised from 50 % to 95 %": Experiment(0.9, 0.0, (0.5, 0.95)),
    "few users: a look at every 2": Experiment(0.3, 0.0, (0.5,), 600, 300),
    "few users, goal 90 %, share 10 %, a look at every 2": Experiment(0.9, 0.0, (0.1,), 600, 300),
}


def _print_table(runs: int = 2_000) -> None:
    print(
        "| experiment | users | looks | missed the truth at any look | reported a difference | users needed |"
    )
    print("| -- | -: | -: | -: | -: | -: |")
    for name, experiment in EXPERIMENTS.items():
        found = repeat(experiment, runs, 17)
        needed = "-"
        if experiment.uplift:
            never = [experiment.users] * (runs - len(found.users_until_reported))
            ordered = sorted([*found.users_until_reported, *never])
            needed = f"{statistics.median(ordered):,.0f} (80 %: {ordered[int(runs * 0.8)]:,})"
        print(
            f"| {name} | {experiment.users:,} | {experiment.looks} | {found.missed:.1%} "
            f"| {found.reported:.1%} | {needed} |",
            flush=True,
        )


if __name__ == "__main__":
    _print_table()
