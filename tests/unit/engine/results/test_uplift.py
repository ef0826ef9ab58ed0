"""The shares of two arms, their difference and its interval, and how many more users are needed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.results.uplift import (
    LEAST_USERS,
    Difference,
    Group,
    Stratum,
    difference_of,
    more_users_needed,
)


def _even(treated: tuple[int, int], control: tuple[int, int]) -> list[Stratum]:
    return [Stratum(0.5, Group(*treated), Group(*control))]


def _groups() -> st.SearchStrategy[Group]:
    return st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)).map(lambda n: Group(max(n), min(n)))


_STRATA = st.lists(st.builds(Stratum, st.floats(0.01, 0.99), _groups(), _groups()), max_size=4)


def test_shares_are_those_of_the_arms_while_the_probability_stays() -> None:
    found = difference_of(_even((1_000, 120), (1_000, 80)))
    assert (found.treated_share, found.control_share) == pytest.approx((0.12, 0.08))
    assert found.difference == pytest.approx(0.04)


def test_interval_is_around_the_difference() -> None:
    found = difference_of(_even((4_000, 480), (4_000, 320)))
    assert found.low is not None
    assert found.high is not None
    assert found.is_clear
    assert (found.low + found.high) / 2 == pytest.approx(found.difference)


def test_compares_users_of_the_same_time_when_the_share_was_raised() -> None:
    # The toast does nothing: 50 % reach the goal in the first month, 10 % in the second, in both arms. But
    # the treated users are mostly of the second month.
    first = Stratum(0.1, Group(100, 50), Group(900, 450))
    second = Stratum(0.9, Group(900, 90), Group(100, 10))
    found = difference_of([first, second])
    assert found.difference == pytest.approx(0)
    assert found.treated_share == pytest.approx(0.3)
    assert found.treated == Group(1_000, 140)


def test_says_nothing_with_few_users_in_an_arm() -> None:
    found = difference_of([Stratum(0.99, Group(5_000, 2_500), Group(LEAST_USERS - 1, 0))])
    assert (found.low, found.high, found.is_clear) == (None, None, False)


def test_says_nothing_without_users() -> None:
    found = difference_of([])
    assert found == Difference(Group(), Group(), 0.0, 0.0, None, None)
    assert more_users_needed([], 0.02) is None


def test_an_arm_without_any_success_still_varies() -> None:
    found = difference_of(_even((20, 3), (20, 0)))
    assert not found.is_clear


@given(_STRATA)
def test_interval_lies_between_minus_one_and_one_around_the_difference(strata: list[Stratum]) -> None:
    found = difference_of(strata)
    if found.low is None or found.high is None:
        assert min(found.treated.users, found.control.users) < LEAST_USERS
    else:
        assert -1 <= found.low <= found.difference <= found.high <= 1


@given(_STRATA)
def test_swapping_the_arms_changes_only_the_sign(strata: list[Stratum]) -> None:
    found = difference_of(strata)
    mirrored = difference_of([Stratum(1 - s.probability, s.control, s.treated) for s in strata])
    assert mirrored.difference == pytest.approx(-found.difference)
    if found.low is not None and found.high is not None:
        assert mirrored.low == pytest.approx(-found.high)
        assert mirrored.high == pytest.approx(-found.low)


@given(_STRATA, st.integers(2, 5))
def test_more_users_of_the_same_kind_narrow_the_interval(strata: list[Stratum], times: int) -> None:
    found = difference_of(strata)
    larger = difference_of([Stratum(s.probability, *_times(s, times)) for s in strata])
    if found.low is None or found.high is None or found.low == -1 or found.high == 1:
        return
    assert larger.high is not None
    assert larger.low is not None
    assert larger.high - larger.low < found.high - found.low


def _times(stratum: Stratum, times: int) -> tuple[Group, Group]:
    both = (stratum.treated, stratum.control)
    treated, control = (Group(group.users * times, group.reached * times) for group in both)
    return treated, control


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.95])
def test_the_predicted_number_of_users_is_what_it_takes(probability: float) -> None:
    dice = random.Random(4)  # noqa: S311
    strata = [_drawn(dice, probability, 400)]
    more = more_users_needed(strata, 0.05)
    assert more is not None
    assert more > 0
    total = difference_of([_drawn(dice, probability, 400 + more)])
    assert total.low is not None
    assert total.high is not None
    assert (total.high - total.low) / 2 == pytest.approx(0.05, rel=0.2)


def _drawn(dice: random.Random, probability: float, users: int) -> Stratum:
    treated = round(users * probability)
    reached = [sum(dice.random() < 0.3 for _ in range(n)) for n in (treated, users - treated)]
    return Stratum(probability, Group(treated, reached[0]), Group(users - treated, reached[1]))


def test_needs_no_more_users_for_an_effect_that_is_wider_than_the_interval() -> None:
    assert more_users_needed(_even((20_000, 6_000), (20_000, 5_000)), 0.05) == 0


def test_predicts_at_least_the_users_without_which_nothing_is_said() -> None:
    half = Stratum(0.5, Group(2_000, 600), Group(LEAST_USERS // 2, 3))
    assert more_users_needed([half], 1.0) == half.users


def test_predicts_nothing_beyond_ten_million_users() -> None:
    assert more_users_needed(_even((100, 30), (100, 30)), 0.0001) is None
