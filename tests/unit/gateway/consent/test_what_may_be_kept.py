"""Which part of an event may be kept, and how many events of unknown users wait."""

from __future__ import annotations

from rasa_autoplay.events.models import ActionsPayload, SlimAction, SummaryPayload
from rasa_autoplay.gateway.consent.held_events import MAX_AGE_S, MAX_WEIGHT_OF_USER, HeldEvents
from rasa_autoplay.gateway.consent.kept_sessions import KeptSessions
from rasa_autoplay.gateway.consent.known_consents import NEVER, KnownConsents
from rasa_autoplay.gateway.consent.permitted_part import permitted_actions
from rasa_autoplay.link.messages import Event

SINCE = 1_000.0


def action(title: str, at: float, user: str | None = "anna") -> SlimAction:
    return SlimAction(title, "", "/projects", timestamp_start=at, user_id=user)


def batch(*actions: SlimAction, user: str | None = "anna") -> ActionsPayload:
    payload = ActionsPayload("demo", "s1", user, None, list(actions), event_ids=list(range(len(actions))))
    payload.forwarded_at = SINCE + 50
    return payload


def test_leaves_out_what_was_done_before_the_consent() -> None:
    part = permitted_actions(batch(action("A", 999.0), action("B", 1_000.0), action("C", 1_001.0)), SINCE)
    assert part is not None
    assert ([each.title for each in part.actions], part.event_ids, part.count) == (["B", "C"], [1, 2], 2)
    assert permitted_actions(batch(action("A", 999.0)), SINCE) is None


def test_leaves_out_what_was_done_before_signing_in() -> None:
    mixed = batch(action("A", 1_001.0, None), action("B", 1_002.0), action("C", 1_003.0, "ben"))
    part = permitted_actions(mixed, SINCE)
    assert part is not None
    assert [each.title for each in part.actions] == ["B"]
    whole = batch(action("A", 1_001.0, None), action("B", 1_002.0, None))
    assert permitted_actions(whole, SINCE) is whole, "the batch alone names the user"


def test_keeps_a_summary_of_kept_actions_only() -> None:
    sessions = KeptSessions()
    summary = Event(SummaryPayload("demo", "s1", "Edited two projects.", replaces=2), "stream")
    assert sessions.user_of(summary) == "", "nothing of this session was kept"
    assert sessions.permit(Event(batch(action("A", 1_001.0), action("B", 1_002.0)), "stream"), "anna", SINCE)
    assert sessions.user_of(summary) == "anna"
    assert sessions.permit(summary, "anna", SINCE)
    longer = Event(SummaryPayload("demo", "s1", "Edited three projects.", replaces=3), "stream")
    assert not sessions.permit(longer, "anna", SINCE)
    assert sessions.pop("anna") == {"s1"}
    assert sessions.user_of(summary) == ""


def test_anonymous_actions_of_a_known_session_stay_anonymous() -> None:
    sessions = KeptSessions()
    assert sessions.permit(Event(batch(action("A", 1_001.0)), "stream"), "anna", SINCE)
    assert sessions.user_of(Event(batch(action("B", 1_002.0, None), user=None), "stream")) == ""


def test_holds_few_events_of_one_user_and_none_for_long() -> None:
    now = 0.0
    held = HeldEvents(lambda: now)
    event = Event(batch(*[action("A", 1_001.0)] * 99), "capture")
    fitting = MAX_WEIGHT_OF_USER // 100
    assert [held.put("anna", event, bool, bool) for _ in range(fitting + 1)] == [True] * fitting + [False]
    assert held.put("ben", event, bool, bool)
    assert held.pop_expired() == []
    now = MAX_AGE_S
    assert len(held.pop_expired()) == fitting + 1
    assert (len(held), held.users()) == (0, [])
    assert held.put("anna", event, bool, bool)


def test_missing_consent_becomes_unknown_and_a_given_one_counts_on() -> None:
    now = 0.0
    known = KnownConsents(lambda: now)
    assert known.since("anna") is None
    assert known.learn("anna", SINCE)
    assert known.learn("ben", NEVER)
    assert not known.learn("ben", NEVER)
    assert (known.since("anna"), known.since("ben"), known.given) == (SINCE, NEVER, 1)
    now = 61.0
    assert (known.since("anna"), known.since("ben")) == (SINCE, None)
    assert known.is_old("anna")
    assert known.learn("anna", NEVER)
    assert known.given == 0
