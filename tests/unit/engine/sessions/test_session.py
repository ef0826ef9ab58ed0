"""One session: its user, its actions, and what it remembers."""

from __future__ import annotations

import gc
import math

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.state import AgentStateV2
from rasa_autoplay.engine.sessions.trigger_states import TriggerStates
from rasa_autoplay.engine.tours.registry import TourRegistry
from rasa_autoplay.engine.triggers.decorators import title_contains
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings

T0 = 1_700_000_000.0
TOURS = TourRegistry("demo")
BULK_EDIT = [("bulk", title_contains("bulk edit"))]


def session(**settings: object) -> Session:
    return Session(("demo", "s1"), SessionSettings.parse_obj(settings), T0)


def action(title: str, at: float) -> SlimAction:
    return SlimAction(title, "", "/a", timestamp_start=T0 + at, timestamp_end=T0 + at)


def test_identifying_the_user_late_keeps_all_actions() -> None:
    made = session()
    made.add([action("Click", 0)], ())
    assert not made.identify(None, None)
    assert not made.user_id
    assert not made.identify("u1", None)
    assert not made.identify(None, "a@example.com")
    assert not made.identify("u1", None)
    assert (made.user_id, made.email, len(made.window)) == ("u1", "a@example.com", 1)


def test_next_user_inherits_nothing() -> None:
    made = session()
    made.identify("u1", "a@example.com")
    made.add([action("Click Bulk edit", 0)], BULK_EDIT)
    made.triggers.consume("t1", T0)
    made.triggers.hold("t1", math.inf)
    made.state.transition_to_reactive(now=T0)
    assert made.identify("u2", None)
    assert (made.user_id, made.email, len(made.window)) == ("u2", None, 0)
    assert (made.remembered, made.action_count) == (frozenset(), 0)
    assert made.triggers == TriggerStates()
    assert made.state.current_state is AgentStateV2.THINKING


def test_add_counts_new_actions() -> None:
    made = session()
    assert len(made.add([action("a", 0), action("b", 1), action("a", 0)], ()).new) == 2
    assert [a.title for a in made.add([action("a", 0), action("c", 2)], ()).new] == ["c"]
    assert made.action_count == 3


def test_remembers_matches_after_they_leave_the_window() -> None:
    made = session(window={"lookback": "10s"})
    made.add([action("Click Bulk edit", 0)], BULK_EDIT)
    made.add([action("Click", 60)], BULK_EDIT)
    assert [a.title for a in made.window.between(0.0, T0 + 60)] == ["Click"]
    assert made.remembered == {"bulk"}


def test_remembers_a_match_that_arrives_too_late_for_the_window() -> None:
    made = session(window={"lookback": "10s"})
    made.add([action("Click", 60), action("Click Bulk edit", 0)], BULK_EDIT)
    assert made.remembered == {"bulk"}


def test_does_not_remember_actions_without_a_match() -> None:
    made = session()
    made.add([action("Click Edit", 0)], BULK_EDIT)
    assert made.remembered == frozenset()


def test_without_a_state_machine_allows_everything_and_has_no_timer() -> None:
    made = session()
    made.tick(TOURS, T0 + 1000)
    assert made.may_be_offered()
    assert made.next_change_at(TOURS) is None


def test_state_machine_uses_the_configured_times() -> None:
    made = session(interaction_timeout="10s", cooldown="20s")
    made.state.transition_to_proactive("t1", now=T0)
    assert not made.may_be_offered()
    assert made.next_change_at(TOURS) == T0 + 10
    made.tick(TOURS, T0 + 10)
    assert not made.may_be_offered()
    assert made.next_change_at(TOURS) == T0 + 30
    made.tick(TOURS, T0 + 30)
    assert made.may_be_offered()
    assert made.next_change_at(TOURS) is None


def test_garbage_collector_does_not_track_sessions() -> None:
    made = session()
    made.add([action("a", 0), action("b", 1)], ())
    gc.collect(0)
    assert not any(map(gc.is_tracked, (made, made.triggers, made.window, made.window.actions, made.key)))
