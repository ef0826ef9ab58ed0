"""The days on which proposals are tested are later than those from which they come."""

from __future__ import annotations

import math

import pytest

from rasa_autoplay.tools.discovery.columns.held_out import DAY_S, day_of, split_days


@pytest.mark.parametrize(("days", "training"), [(3, 2), (4, 3), (5, 4), (7, 5), (10, 7), (14, 10), (100, 70)])
def test_finds_proposals_on_the_first_seventy_percent_of_days(days: int, training: int) -> None:
    split = split_days(range(days))

    assert split.training_days == tuple(range(training))
    assert split.held_out_days == tuple(range(training, days))


def test_counts_only_days_with_a_session() -> None:
    split = split_days([900, 100, 500, 500])

    assert (split.training_days, split.held_out_days) == ((100, 500), (900,))


@pytest.mark.parametrize("days", [[], [4], [4, 5]])
def test_holds_out_no_day_if_there_are_too_few(days: list[int]) -> None:
    split = split_days(days)

    assert (split.training_days, split.held_out_days) == (tuple(days), ())
    assert split.begins_at == math.inf
    assert not split.is_held_out(9e9)


def test_a_session_belongs_to_the_day_on_which_it_began() -> None:
    split = split_days([0, 1, 2])

    assert not split.is_held_out(2 * DAY_S - 0.001)
    assert split.is_held_out(2 * DAY_S)
    assert day_of(2 * DAY_S - 0.001) == 1
