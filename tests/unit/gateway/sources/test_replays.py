"""No payload is accepted twice, however little is remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.gateway.sources.replays import MAX_AGE_S, Deliveries

NOW = 1_700_000_000.0


def is_taken(deliveries: Deliveries, body: bytes, sent_at: float, now: float) -> bool:
    """Deliver a payload like a source; return whether it was new."""
    if deliveries.is_old(body, sent_at, now):
        return False
    deliveries.remember(body, sent_at, now)
    return True


def test_recognises_only_a_repeated_payload_as_old() -> None:
    deliveries = Deliveries()
    assert is_taken(deliveries, b"a", NOW, NOW)
    assert not is_taken(deliveries, b"a", NOW, NOW + 5)
    assert is_taken(deliveries, b"b", NOW, NOW + 5)


def test_payload_sent_long_ago_counts_as_old_even_if_unseen() -> None:
    assert Deliveries().is_old(b"a", NOW - MAX_AGE_S, NOW)
    assert not Deliveries().is_old(b"a", NOW - MAX_AGE_S + 1, NOW)
    assert not Deliveries().is_old(b"a", 0.0, NOW)


def test_accepts_again_what_was_not_passed_on() -> None:
    deliveries = Deliveries()
    assert not deliveries.is_old(b"a", NOW, NOW)
    assert not deliveries.is_old(b"a", NOW, NOW)


def test_sender_clock_ahead_does_not_block_other_payloads() -> None:
    deliveries = Deliveries(capacity=1)
    assert is_taken(deliveries, b"a", NOW + 1e9, NOW)
    assert is_taken(deliveries, b"b", NOW, NOW)
    assert is_taken(deliveries, b"c", NOW + 1, NOW + 1)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=60),
    st.integers(1, 4),
)
def test_dated_payload_is_never_accepted_twice(arrivals: list[tuple[int, int]], capacity: int) -> None:
    deliveries = Deliveries(capacity, max_age_s=10)
    taken: set[tuple[int, int]] = set()
    for name, sent_at in arrivals:
        if is_taken(deliveries, f"{name} {sent_at}".encode(), NOW + sent_at, NOW + 30):
            assert (name, sent_at) not in taken
            taken.add((name, sent_at))
        assert len(deliveries) <= capacity


@pytest.mark.parametrize("capacity", [1, 3])
def test_accepts_everything_new_in_order(capacity: int) -> None:
    deliveries = Deliveries(capacity)
    assert all(is_taken(deliveries, f"{at}".encode(), NOW + at, NOW + at) for at in range(100))
