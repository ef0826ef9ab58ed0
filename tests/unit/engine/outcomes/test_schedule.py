"""Eight attempts over a day."""

from __future__ import annotations

from rasa_autoplay.engine.outcomes.delivery.outcomes import SCHEDULE
from rasa_autoplay.engine.outcomes.schedule import RETRIES_S, Schedule


def test_tries_eight_times_over_a_day() -> None:
    assert SCHEDULE.attempts == 8
    assert 24 * 3600 <= sum(RETRIES_S) <= 25 * 3600
    assert list(RETRIES_S) == sorted(RETRIES_S)
    now, times = 0.0, [0.0]
    for attempts in range(1, 8):
        following = SCHEDULE.next_at(attempts, now)
        assert following is not None
        times.append(now := following)
    assert SCHEDULE.next_at(8, now) is None
    assert 0.9 * sum(RETRIES_S) <= times[-1] <= 1.1 * sum(RETRIES_S)


def test_waits_differ_by_ten_percent() -> None:
    waits = [SCHEDULE.next_at(3, 0.0) or 0.0 for _ in range(200)]
    assert min(waits) >= 540
    assert max(waits) <= 660
    assert max(waits) - min(waits) > 60


def test_follows_a_receivers_wish_up_to_a_day() -> None:
    schedule = Schedule((5.0,), jitter=0.0)
    assert schedule.next_at(1, 100.0, not_before=400.0) == 400.0
    assert schedule.next_at(1, 100.0, not_before=101.0) == 105.0
    assert schedule.next_at(1, 100.0, not_before=1e12) == 100.0 + 86_400.0
