"""What a user has chosen in "My tips" closes gates, which say so in numbers."""

from __future__ import annotations

import math
from datetime import time

import pytest
from support.gate_contexts import DAY_S, NOW, asked, gate_context, past

from rasa_autoplay.engine.courtesy.gates import first_stop
from rasa_autoplay.engine.courtesy.user_choices import Mute, OwnQuietHours, UserChoices
from rasa_autoplay.engine.offers.offer_status import OfferStatus


def test_gates_are_open_for_a_user_who_has_chosen_nothing() -> None:
    for gate in ("muted", "muted_topic", "own_quiet_hours"):
        assert not asked(gate, gate_context(topic="export")).stops


def test_muted_says_for_how_long() -> None:
    muted = asked("muted", gate_context(choices=UserChoices(everything=Mute(NOW - 120, NOW + 3_480))))
    assert (muted.stops, muted.until) == (True, NOW + 3_480)
    assert muted.detail == "the user muted everything 2m ago, for 1h"
    over = asked("muted", gate_context(choices=UserChoices(everything=Mute(NOW - 3_700, NOW - 100))))
    assert not over.stops


@pytest.mark.parametrize(
    ("topic", "stops"),
    [("path:export", True), ("trigger:t1", True), ("path:import", False), ("trigger:t2", False)],
)
def test_muted_topic_concerns_one_workflow_or_trigger(topic: str, stops: bool) -> None:
    context = gate_context(topic="export", choices=UserChoices({topic: Mute(NOW - DAY_S)}))
    result = asked("muted_topic", context)
    assert result.stops is stops
    if stops:
        assert result.until == math.inf
        assert (
            "24h ago, until they unmute it" in result.detail
            or "1d ago, until they unmute it" in result.detail
        )


@pytest.mark.parametrize(
    ("begin", "end", "until_s"),
    # It is 22:13:20 UTC, 23:13:20 in Berlin.
    [("23:00", "07:00", 7 * 3_600 + 46 * 60 + 40), ("22:00", "23:00", None), ("23:00", "23:30", 1_000)],
)
def test_own_quiet_hours_follow_the_users_clock(begin: str, end: str, until_s: int | None) -> None:
    hours = OwnQuietHours(time.fromisoformat(begin), time.fromisoformat(end), "Europe/Berlin")
    result = asked("own_quiet_hours", gate_context(choices=UserChoices(quiet_hours=hours)))
    assert result.stops is (until_s is not None)
    assert "it is 23:13 in Europe/Berlin" in result.detail
    if until_s is not None:
        assert result.until == NOW + until_s


def test_own_quiet_hours_travel_with_the_user() -> None:
    choices = UserChoices(quiet_hours=OwnQuietHours(time(22), time(7), "Europe/Berlin"))
    assert choices.in_zone("Asia/Tokyo").quiet_hours == OwnQuietHours(time(22), time(7), "Asia/Tokyo")
    for unknown in ("", "Nowhere/Land", "../../etc/passwd"):
        assert choices.in_zone(unknown) == choices


def test_unmuting_takes_dont_show_again_back() -> None:
    never = past(OfferStatus.NEVER, DAY_S, golden_path="export", closed_at=NOW - DAY_S + 9)
    context = {"topic": "export", "history": [never]}
    stop = first_stop(gate_context(**context))  # type: ignore[arg-type] # mypy sees one type of values
    assert stop is not None
    assert stop.gate == "answered"
    for topic in ("path:export", "trigger:t1"):
        lifted = UserChoices(lifted={topic: NOW - 60})
        assert first_stop(gate_context(**context, choices=lifted)) is None  # type: ignore[arg-type]
    for others in ({"path:import": NOW - 60}, {"path:export": NOW - DAY_S}):
        assert first_stop(gate_context(**context, choices=UserChoices(lifted=others))) is not None  # type: ignore[arg-type]
    snoozed = past(OfferStatus.SNOOZED, 60, golden_path="export")
    again = gate_context([snoozed], topic="export", choices=UserChoices(lifted={"path:export": NOW}))
    assert asked("answered", again).stops, 'only "Don\'t show again" is taken back'
