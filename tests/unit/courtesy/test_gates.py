"""Courtesy: what stands against an offer, given what the user was offered before."""

from __future__ import annotations

import math
from typing import Any

import pytest

from rasa_autoplay.courtesy.gates import evidence_used, judge
from rasa_autoplay.courtesy.verdict import Allowed, Consumed, Held
from rasa_autoplay.delivery.offers import Offer, OfferStatus
from rasa_autoplay.settings.engine import LimitSettings

NOW = 1_700_000_000.0
DAY_S = 86_400.0
LIMITS = LimitSettings.parse_obj({"min_interval": "5m", "snooze": "24h"})


def offer(trigger: str = "t1", session: str = "s1", evidence: float = NOW) -> Offer:
    return Offer("new", trigger, "?", "demo", session, "u1", NOW, NOW + 120, evidence)


def past(status: OfferStatus, ago_s: float, **fields: Any) -> Offer:
    """An earlier offer, shown (if it was) as long ago as it was made."""
    at = NOW - ago_s
    never_shown = status in (OfferStatus.QUEUED, OfferStatus.SENT, OfferStatus.EXPIRED)
    fields = {
        "trigger_id": "t1",
        "session_id": "s0",
        "evidence_until": at,
        "rendered_at": 0.0 if never_shown else at,
        "expires_at": at + 120,
        **fields,
    }
    return Offer("old", body="?", product_id="demo", user_id="u1", created_at=at, status=status, **fields)


def test_nothing_stands_against_the_first_offer() -> None:
    assert judge(offer(), [], LIMITS, NOW) == Allowed()


@pytest.mark.parametrize("status", OfferStatus)
def test_evidence_is_used_up_by_any_offer_of_that_trigger_and_session(status: OfferStatus) -> None:
    used = past(status, 1000, session_id="s1", evidence_until=NOW - 10)
    assert judge(offer(evidence=NOW - 10), [used], LIMITS, NOW) == Consumed(NOW - 10)
    assert judge(offer(evidence=NOW - 10.25), [used], LIMITS, NOW) == Consumed(NOW - 10)
    assert not isinstance(judge(offer(evidence=NOW - 9.75), [used], LIMITS, NOW), Consumed)
    assert not isinstance(judge(offer(session="s2", evidence=NOW - 10), [used], LIMITS, NOW), Consumed)
    assert not isinstance(judge(offer("t2", evidence=NOW - 10), [used], LIMITS, NOW), Consumed)


def test_the_newest_evidence_counts() -> None:
    history = [
        past(OfferStatus.EXPIRED, 1000, session_id="s1", evidence_until=until)
        for until in (NOW - 30, NOW - 10, NOW - 20)
    ]
    history.append(past(OfferStatus.EXPIRED, 1000, session_id="s2", evidence_until=NOW))
    history.append(past(OfferStatus.EXPIRED, 1000, session_id="s1", trigger_id="t2", evidence_until=NOW))
    assert evidence_used(offer(), history) == NOW - 10
    assert evidence_used(offer("t3"), history) == 0.0


@pytest.mark.parametrize("status", [OfferStatus.ACCEPTED, OfferStatus.NEVER])
def test_some_answers_are_for_ever_in_every_session(status: OfferStatus) -> None:
    assert judge(offer(), [past(status, 300 * DAY_S)], LIMITS, NOW) == Held(status.value, math.inf)
    assert judge(offer("t2"), [past(status, 300 * DAY_S)], LIMITS, NOW) == Allowed(), "another trigger"


@pytest.mark.parametrize("status", [OfferStatus.DISMISSED, OfferStatus.SNOOZED])
def test_others_hold_for_a_while(status: OfferStatus) -> None:
    assert judge(offer(), [past(status, DAY_S - 1)], LIMITS, NOW) == Held(status.value, NOW + 1)
    assert judge(offer(), [past(status, DAY_S)], LIMITS, NOW) == Allowed()
    assert judge(offer("t2"), [past(status, DAY_S - 1)], LIMITS, NOW) == Allowed()


@pytest.mark.parametrize("status", [OfferStatus.EXPIRED, OfferStatus.TIMED_OUT, OfferStatus.SEEN])
def test_no_answer_is_no_refusal(status: OfferStatus) -> None:
    assert judge(offer(), [past(status, 3600)], LIMITS, NOW) == Allowed()


def test_a_later_answer_weighs_beside_an_earlier_one() -> None:
    history = [past(OfferStatus.DISMISSED, 2 * DAY_S), past(OfferStatus.NEVER, 3 * DAY_S)]
    assert judge(offer(), history, LIMITS, NOW) == Held("never", math.inf)


@pytest.mark.parametrize("status", [OfferStatus.QUEUED, OfferStatus.SENT])
def test_an_offer_that_waits_is_enough(status: OfferStatus) -> None:
    waiting = past(status, 60, trigger_id="t2")
    assert judge(offer(), [waiting], LIMITS, NOW) == Held("one_at_a_time", NOW + 60)
    assert judge(offer(), [past(status, 120, trigger_id="t2")], LIMITS, NOW) == Allowed(), "its time is over"


def test_of_two_that_wait_the_first_to_end_decides() -> None:
    history = [past(OfferStatus.QUEUED, ago, trigger_id="t2") for ago in (10, 60)]
    assert judge(offer(), history, LIMITS, NOW) == Held("one_at_a_time", NOW + 60)


@pytest.mark.parametrize("status", [OfferStatus.RENDERED, OfferStatus.ACCEPTED, OfferStatus.DISMISSED])
def test_between_two_toasts_lies_the_interval_whatever_their_triggers(status: OfferStatus) -> None:
    assert judge(offer(), [past(status, 299, trigger_id="t2")], LIMITS, NOW) == Held("min_interval", NOW + 1)
    assert judge(offer(), [past(status, 300, trigger_id="t2")], LIMITS, NOW) == Allowed()


def test_a_toast_that_nobody_saw_is_not_charged() -> None:
    assert judge(offer(), [past(OfferStatus.EXPIRED, 10, trigger_id="t2")], LIMITS, NOW) == Allowed()


def test_the_interval_counts_from_the_last_toast() -> None:
    history = [past(OfferStatus.RENDERED, ago, trigger_id="t2") for ago in (200, 100, 250)]
    assert judge(offer(), history, LIMITS, NOW) == Held("min_interval", NOW + 200)


def test_without_an_interval_there_is_none() -> None:
    limits = LimitSettings.parse_obj({"min_interval": 0})
    assert judge(offer(), [past(OfferStatus.RENDERED, 0, trigger_id="t2")], limits, NOW) == Allowed()


def test_what_holds_for_ever_is_said_before_what_holds_for_a_while() -> None:
    history = [past(OfferStatus.RENDERED, 1, trigger_id="t2"), past(OfferStatus.NEVER, 1)]
    assert judge(offer(), history, LIMITS, NOW) == Held("never", math.inf)
