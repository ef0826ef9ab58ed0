"""The interval covers the truth at every look, and an A/A experiment hardly ever reports a difference."""

from __future__ import annotations

import math
import random
import statistics
from dataclasses import replace

import pytest
from support.experiments import EXPERIMENTS, Experiment, looks_at, repeat

from rasa_autoplay.engine.results.uplift import Difference

#: Enough to notice an ordinary interval, which misses the truth in about 30 % of the runs.
_FEW_RUNS = 200
_ALL_RUNS = 2_000


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_covers_the_truth_at_every_look(name: str) -> None:
    experiment = EXPERIMENTS[name]
    smaller = replace(experiment, users=min(experiment.users, 4_500), looks=min(experiment.looks, 90))
    assert repeat(smaller, _FEW_RUNS // 2, 3).missed <= 0.05


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_covers_the_truth_at_every_look_of_2000_experiments(name: str) -> None:
    found = repeat(EXPERIMENTS[name], _ALL_RUNS, 3)
    assert found.missed <= 0.05
    if not EXPERIMENTS[name].uplift:
        assert found.reported <= 0.05


def test_an_ordinary_interval_would_report_differences_that_do_not_exist() -> None:
    dice, misled = random.Random(1), 0  # noqa: S311
    for _ in range(_FEW_RUNS):
        misled += any(_ordinary_is_clear(found) for _, found in looks_at(Experiment(0.3, 0.0), dice))
    assert misled / _FEW_RUNS > 0.2


def test_finds_five_points_with_a_few_thousand_users() -> None:
    found = repeat(Experiment(0.3, 0.05, users=9_000), _FEW_RUNS, 5)
    assert found.reported > 0.95
    assert 2_000 < statistics.median(found.users_until_reported) < 4_500


def _ordinary_is_clear(found: Difference) -> bool:
    variance = sum(
        share * (1 - share) / group.users
        for share, group in ((found.treated_share, found.treated), (found.control_share, found.control))
    )
    return abs(found.difference) > statistics.NormalDist().inv_cdf(0.975) * math.sqrt(variance)
