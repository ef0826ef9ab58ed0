"""The pace of the gateway's posts, on the test's own clock."""

from __future__ import annotations

import pytest
from support.engine_parts import Clock

from rasa_autoplay.link.pacing import Pace


def test_single_item_does_not_wait() -> None:
    clock = Clock()
    pace = Pace(10, 1, clock)
    for _ in range(50):
        assert pace.wait_s() == 0
        clock.now += 0.101


def test_burst_does_not_wait_and_refills_over_time() -> None:
    clock = Clock()
    pace = Pace(10, 3, clock)
    assert [pace.wait_s() for _ in range(4)] == pytest.approx([0, 0, 0, 0.1], abs=1e-5)
    clock.now += 60
    assert [pace.wait_s() for _ in range(4)] == pytest.approx([0, 0, 0, 0.1], abs=1e-5), (
        "no more than a burst is saved up"
    )


def test_steady_sender_gets_the_full_rate() -> None:
    clock = Clock()
    pace = Pace(80, 16, clock)
    began, turns = clock.now, 0
    while clock.now < began + 100:
        clock.now += pace.wait_s()
        turns += 1
    assert turns == pytest.approx(80 * 100, abs=17)
