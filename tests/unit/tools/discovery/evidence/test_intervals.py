"""Wilson's interval, compared with published values."""

from __future__ import annotations

import pytest

from rasa_autoplay.tools.discovery.evidence.intervals import share_of


@pytest.mark.parametrize(
    ("count", "cases", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_is_wilsons(count: int, cases: int, low: float, high: float) -> None:
    share = share_of(count, cases)

    assert (share.low, share.high) == (low, high)
    assert share.share == pytest.approx(count / cases, abs=0.0001)


def test_is_wider_if_cases_are_not_independent() -> None:
    of_fires, of_users = share_of(50, 100), share_of(50, 100, independent=10)

    assert of_users.low < of_fires.low < of_fires.high < of_users.high
    assert (of_users.count, of_users.share) == (50, 0.5)
