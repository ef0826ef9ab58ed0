"""A drop is noticed at any look, and nothing else is taken for one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.freshness.drop_test import Look, find_drop


def looks(seed: int, count: int, share: float, users: int = 30, start: float = 0.0) -> list[Look]:
    chance = random.Random(seed)  # noqa: S311 - the same looks each time
    return [Look(start + at, f"u{chance.randrange(users)}", chance.random() < share) for at in range(count)]


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5, 0.3])
def test_finds_the_first_look_after_a_change(share: float) -> None:
    before, after = looks(1, 300, share), looks(2, 200, 0.0, start=300.0)
    found = find_drop([*before, *after])
    assert found is not None
    assert 300 - 6 / share <= found.first <= 300, "those just before may have missed it by chance"
    assert found.usual == pytest.approx(share, abs=0.1)


@pytest.mark.parametrize("share", [0.95, 0.5, 0.2, 0.05])
def test_a_share_that_stays_is_no_drop_however_low(share: float) -> None:
    assert not any(find_drop(looks(seed, 600, share)) for seed in range(40))


@pytest.mark.parametrize("share", [0.95, 0.6])
def test_half_as_often_is_not_a_drop_yet(share: float) -> None:
    alarms = sum(
        find_drop([*looks(seed, 300, share), *looks(seed + 99, 300, share / 2, start=300.0)]) is not None
        for seed in range(40)
    )
    assert alarms <= 40 * 300 / 1_000, "Lorden's bound"


def test_people_who_never_do_it_are_no_drop_when_they_are_alone() -> None:
    """While the others are on holiday, only those with the habit are there."""
    usual = [Look(at, f"u{at % 10}", at % 10 > 2) for at in range(300)]
    alone = [Look(300 + at, f"u{at % 3}", False) for at in range(100)]
    assert find_drop([*usual, *alone]) is None


def test_two_users_are_not_enough() -> None:
    usual = looks(1, 200, 1.0)
    assert find_drop([*usual, *(Look(200 + at, f"u{at % 2}", False) for at in range(100))]) is None


def test_nothing_is_known_from_few_looks() -> None:
    assert find_drop([*looks(1, 10, 1.0), *looks(2, 60, 0.0)]) is None


@given(st.lists(st.booleans(), max_size=12), st.integers(20, 200))
def test_a_dozen_looks_never_make_a_drop(without: list[bool], healthy: int) -> None:
    rest = [Look(healthy + at, f"u{at}", done) for at, done in enumerate(without)]
    assert find_drop([*looks(3, healthy, 1.0), *rest]) is None


@given(st.integers(0, 10_000), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(1, 40))
def test_a_drop_begins_with_a_look_without_it(seed: int, before: float, after: float, users: int) -> None:
    every = [*looks(seed, 100, before, users), *looks(seed + 1, 100, after, users, 100.0)]
    found = find_drop(every)
    if found is not None:
        assert found.first >= 20
        assert not every[found.first].is_done
        assert len({look.user_id for look in every[found.first :] if not look.is_done}) >= 3
