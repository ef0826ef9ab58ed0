"""The gateway counts what it has seen, which origins it has refused, and which toasts came late."""

from __future__ import annotations

import pytest

from rasa_autoplay.gateway.access.automated_browsers import is_automated
from rasa_autoplay.gateway.access.refused_origins import RefusedOrigins
from rasa_autoplay.gateway.receipt_delays import LATE_S, ReceiptDelays
from rasa_autoplay.gateway.sightings import Sightings


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_says_how_often_and_how_long_ago() -> None:
    clock = Clock()
    sightings = Sightings(clock)
    clock.now = 110.0
    sightings.saw("script")
    sightings.saw("script")
    clock.now = 112.5
    health = sightings.health()
    assert health["for_s"] == 12.5
    assert health["script"] == {"count": 2, "last_age_s": 2.5}
    assert health["feed"] == {"count": 0, "last_age_s": None}


def test_counts_toasts_that_a_browser_showed_late() -> None:
    clock = Clock()
    sightings = Sightings(clock)
    delays = ReceiptDelays(sightings, clock)
    for offer_id, delay_s in (("soon", 1.0), ("late", LATE_S + 1), ("again", LATE_S + 1)):
        delays.written(offer_id)
        clock.now += delay_s
        delays.received(offer_id, "seen" if offer_id == "again" else "rendered")
    delays.received("late", "rendered")
    delays.received("of another server", "rendered")
    health = sightings.health()
    assert (health["receipt"]["count"], health["late_receipt"]["count"]) == (5, 1)


def test_names_refused_origins_and_counts_the_others() -> None:
    refused = RefusedOrigins()
    for origin in ("https://app.test", "https://other.test:443", "https://app.test"):
        refused.add(origin)
    for odd in ("null", "https://*.test", "\x1b[31m", "https://" + "a" * 400, "javascript:1"):
        refused.add(odd)
    assert refused.health() == {
        "refused": {"https://app.test": 2, "https://other.test": 1},
        "refused_others": 5,
    }


def test_keeps_a_bounded_number_of_origins() -> None:
    refused = RefusedOrigins()
    for number in range(1_000):
        refused.add(f"https://a{number}.test")
        refused.add("https://app.test")
    health = refused.health()
    assert len(health["refused"]) == 20
    assert health["refused"]["https://app.test"] == 1_000
    assert health["refused_others"] == 1_000 - 19


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/150.0.0.0 Safari/537.36", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0.0.0 Safari/537.36", False),
        ("Mozilla/5.0 (Linux; Android 12; CUBOT P60) Chrome/150.0 Mobile", False),
        ("", False),
    ],
)
def test_recognises_automated_browsers(user_agent: str, expected: bool) -> None:
    assert is_automated(user_agent) is expected
