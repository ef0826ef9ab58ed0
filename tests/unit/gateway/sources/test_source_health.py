from __future__ import annotations

import pytest

from rasa_autoplay.gateway.sources.base import QUIET_AFTER_S, WrongSecrets, quiet_remedy, source_health

NOW = 1_700_000_000.0


def test_reports_every_outcome_even_at_zero() -> None:
    assert source_health("idle", {}, last_event_at=0.0, now=NOW) == {
        "state": "idle",
        "last_event_at": None,
        "last_event_age_s": None,
        "accepted": 0,
        "duplicate": 0,
        "malformed": 0,
        "dropped": 0,
    }


def test_reports_its_own_counts_and_a_remedy() -> None:
    health = source_health(
        "failed", {"accepted": 3, "ignored": 2}, last_event_at=NOW - 7.25, now=NOW, remedy="Mend it."
    )
    assert (health["accepted"], health["ignored"], health["malformed"]) == (3, 2, 0)
    assert (health["last_event_at"], health["last_event_age_s"]) == (NOW - 7.25, 7.2)
    assert health["remedy"] == "Mend it."


def test_clock_set_back_gives_no_negative_age() -> None:
    assert source_health("connected", {}, last_event_at=NOW + 5, now=NOW)["last_event_age_s"] == 0.0


@pytest.mark.parametrize(
    ("last_event_at", "started_at", "remedy"),
    [
        (0.0, NOW - QUIET_AFTER_S, "connected, but no event for 10 min: is it on?"),
        (NOW - 1_500, NOW - 3_600, "connected, but no event for 25 min: is it on?"),
        (NOW - QUIET_AFTER_S + 1, NOW - 3_600, ""),
        (0.0, NOW - QUIET_AFTER_S + 1, ""),
    ],
)
def test_warns_about_a_long_silence(last_event_at: float, started_at: float, remedy: str) -> None:
    assert quiet_remedy("is it on?", last_event_at=last_event_at, started_at=started_at, now=NOW) == remedy


def test_wrong_secret_causes_no_warning_while_good_requests_arrive() -> None:
    now = [1000.0]
    secrets = WrongSecrets(lambda: now[0], "check the secret")
    assert secrets.remedy() == ""
    secrets.refused()
    assert secrets.remedy() == "check the secret", "nothing good has ever come"
    secrets.admitted()
    secrets.refused()
    assert secrets.remedy() == "", "a stranger's"
    now[0] += QUIET_AFTER_S + 1
    secrets.refused()
    assert secrets.remedy() == "check the secret", "the sender's secret was changed, perhaps"
    now[0] += QUIET_AFTER_S + 1
    assert secrets.remedy() == "", "long ago"
