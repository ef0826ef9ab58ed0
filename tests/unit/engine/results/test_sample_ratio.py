"""The check that chance divides the users as the stored probabilities say."""

from __future__ import annotations

import random

import pytest

from rasa_autoplay.engine.results.sample_ratio import sample_ratio_of
from rasa_autoplay.engine.results.uplift import Group, Stratum


def _stratum(probability: float, treated: int, control: int) -> Stratum:
    return Stratum(probability, Group(treated), Group(control))


@pytest.mark.parametrize(
    ("probability", "treated", "control"),
    [(0.5, 4_600, 5_400), (0.5, 100, 30), (0.1, 1_500, 8_500), (0.95, 9_300, 700), (0.5, 60, 0)],
)
def test_alarms_when_the_arms_have_other_sizes(probability: float, treated: int, control: int) -> None:
    found = sample_ratio_of([_stratum(probability, treated, control)])
    assert found.is_alarming
    assert found.expected == pytest.approx(probability * (treated + control))


@pytest.mark.parametrize(
    ("probability", "treated", "control"),
    [(0.5, 5_050, 4_950), (0.5, 3, 0), (0.1, 98, 902), (0.95, 9_480, 520), (0.5, 0, 0)],
)
def test_accepts_what_chance_does(probability: float, treated: int, control: int) -> None:
    assert not sample_ratio_of([_stratum(probability, treated, control)]).is_alarming


def test_a_raised_share_is_no_alarm() -> None:
    found = sample_ratio_of([_stratum(0.1, 101, 899), _stratum(0.9, 899, 101)])
    assert not found.is_alarming
    assert (found.treated, found.users) == (1_000, 2_000)
    assert found.expected == pytest.approx(1_000)


def test_finds_deviations_that_cancel_each_other() -> None:
    assert sample_ratio_of([_stratum(0.5, 700, 300), _stratum(0.6, 300, 700)]).is_alarming


def test_hardly_ever_alarms_falsely_however_often_somebody_looks() -> None:
    dice, alarms = random.Random(2), 0  # noqa: S311
    for _ in range(1_000):
        treated = 0
        for look in range(1, 31):
            treated += sum(dice.random() < 0.3 for _ in range(50))
            alarms += sample_ratio_of([_stratum(0.3, treated, 50 * look - treated)]).is_alarming
    assert alarms <= 1


def test_p_is_never_more_than_one() -> None:
    assert sample_ratio_of([]).p == 1
    assert sample_ratio_of([_stratum(0.5, 500, 500)]).p == 1
