"""A limit on how often a key may send requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.http import rate_limit
from rasa_autoplay.common.http.rate_limit import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_allows_a_burst_of_ten_seconds_then_returns_the_wait() -> None:
    clock = Clock()
    limit = RateLimit(60, clock)
    assert [limit.wait_s("u1") for _ in range(10)] == [0.0] * 10
    assert limit.wait_s("u1") == 1.0
    clock.now += 0.75
    assert limit.wait_s("u1") == 0.25
    clock.now += 0.25
    assert limit.wait_s("u1") == 0.0
    assert limit.refused == 2


def test_each_key_has_its_own_bucket() -> None:
    limit = RateLimit(6, Clock())
    assert [limit.wait_s(user) for user in ("u1", "u2", "u3")] == [0.0] * 3
    assert limit.wait_s("u2") > 0


@given(st.lists(st.floats(min_value=0, max_value=30), max_size=300), st.sampled_from([6, 60, 600]))
def test_never_exceeds_the_rate_plus_one_burst(pauses_s: list[float], per_minute: int) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    good = 0
    for pause_s in pauses_s:
        clock.now += pause_s
        good += limit.wait_s("u1") == 0.0
    assert good <= max(per_minute / 6, 1) + sum(pauses_s) * per_minute / 60 + 1e-6


def test_a_cost_above_the_burst_waits_for_a_full_bucket_and_leaves_a_debt() -> None:
    clock = Clock()
    limit = RateLimit(60, clock)
    assert limit.burst == 10
    assert limit.wait_s("u1", 1) == 0.0
    assert limit.wait_s("u1", 25) == 1.0, "all ten tokens must be there"
    clock.now += 1.0
    assert limit.wait_s("u1", 25) == 0.0
    assert limit.wait_s("u1") == 16.0
    clock.now += 16.0
    assert limit.wait_s("u1") == 0.0


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 50)), max_size=100), st.sampled_from([6, 60, 600]))
def test_costs_never_exceed_the_rate_by_more_than_the_burst_and_one_request(
    asked: list[tuple[float, int]], per_minute: int
) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    taken = [0]
    for pause_s, cost in asked:
        clock.now += pause_s
        if limit.wait_s("u1", cost) == 0.0:
            taken.append(cost)
    passed_s = sum(pause_s for pause_s, _ in asked)
    assert sum(taken) <= limit.burst + max(taken) + passed_s * per_minute / 60 + 1


def test_recovers_after_many_rejected_requests() -> None:
    clock = Clock()
    limit = RateLimit(600, clock)
    for _ in range(10_000):
        limit.wait_s("u1")
    clock.now += 60
    assert limit.wait_s("u1") == 0.0


def test_remembers_a_bounded_number_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "_MAX_KEYS", 3)
    limit = RateLimit(6, Clock())
    for user in "abcd":
        limit.wait_s(user)
    assert len(limit) == 3
    assert limit.wait_s("d") > 0, "the most recent are kept"
    assert limit.wait_s("a") == 0.0
