"""The state machine, against the rules as the product defines them."""

from __future__ import annotations

import json
import pickle
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rasa_autoplay.engine.sessions.state import (
    AgentStateV2,
    InvalidTransitionError,
    ProactiveState,
    ReactiveState,
    SessionState,
    ThinkingState,
)
from rasa_autoplay.engine.tours.registry import TourDefinition, TourRegistry

THINKING, PROACTIVE, REACTIVE = AgentStateV2.THINKING, AgentStateV2.PROACTIVE, AgentStateV2.REACTIVE

TOURS = TourRegistry(
    "demo",
    [
        TourDefinition("bulk-edit", "flow_1", interaction_timeout_s=45.0, cooldown_period_s=300.0),
        TourDefinition("export", None, interaction_timeout_s=5.0, cooldown_period_s=7.0),
    ],
)


def session(**fields: Any) -> SessionState:
    return SessionState("s1", interaction_timeout_s=10.0, cooldown_period_s=20.0, **fields)


def proactive(now: float = 100.0) -> SessionState:
    state = session()
    assert state.transition_to_proactive("t1", now=now)
    return state


def reactive(now: float = 100.0) -> SessionState:
    state = session()
    state.transition_to_reactive(now=now)
    return state


def cooling(now: float = 110.0) -> SessionState:
    state = proactive(now - 10.0)
    state.tick(now=now)
    return state


def test_new_session_is_thinking_with_nothing_pending() -> None:
    state = SessionState()
    assert (state.session_id, state.current_state) == ("", THINKING)
    assert (state.interaction_timeout_s, state.cooldown_period_s) == (20.0, 60.0)
    assert state.can_deliver_proactive() == (True, "ok")
    assert state.next_change_at() is None


def test_states_have_the_sdks_names() -> None:
    assert [state.value for state in AgentStateV2] == [
        "thinking",
        "proactive_assistance",
        "reactive_assistance",
    ]
    assert issubclass(InvalidTransitionError, ValueError)


@pytest.mark.parametrize("make", [proactive, reactive])
def test_only_thinking_leads_to_other_states(make: Any) -> None:
    state = make()
    before = state.to_dict()
    with pytest.raises(InvalidTransitionError, match="tick"):
        state.transition_to_proactive("t1", now=101.0)
    with pytest.raises(InvalidTransitionError):
        state.transition_to_reactive(now=101.0)
    assert state.to_dict() == before


@pytest.mark.parametrize("make", [proactive, reactive])
def test_timeout_returns_to_thinking_and_starts_the_cooldown(make: Any) -> None:
    state = make(100.0)
    assert state.next_change_at() == 110.0
    state.tick(now=109.999)
    assert state.current_state is not THINKING
    state.tick(now=110.0)
    assert state.current_state is THINKING
    assert state.can_deliver_proactive() == (False, "v2_cooldown_active")
    assert state.next_change_at() == 130.0


def test_cooldown_forbids_offers_until_it_ends() -> None:
    state = cooling(110.0)
    assert state.transition_to_proactive("t1", now=129.999) is False
    assert state.current_state is THINKING
    assert state.transition_to_proactive("t1", now=130.0) is True
    assert state.current_state is PROACTIVE


def test_checking_whether_an_offer_is_allowed_changes_nothing() -> None:
    state = cooling(110.0)
    assert state.can_deliver_proactive(now=129.0) == (False, "v2_cooldown_active")
    assert state.can_deliver_proactive(now=130.0) == (True, "ok")
    assert state.can_deliver_proactive() == (False, "v2_cooldown_active")


@pytest.mark.parametrize(
    ("make", "reason"),
    [(proactive, "v2_state_proactive_assistance"), (reactive, "v2_state_reactive_assistance")],
)
def test_allows_offers_only_in_thinking(make: Any, reason: str) -> None:
    assert make().can_deliver_proactive() == (False, reason)


def test_user_request_ignores_and_ends_the_cooldown() -> None:
    state = cooling(110.0)
    state.transition_to_reactive(now=111.0)
    assert state.current_state is REACTIVE
    assert state.thinking == ThinkingState()


@pytest.mark.parametrize("make", [proactive, reactive])
@pytest.mark.parametrize(
    "record",
    [
        "record_any_interaction",
        "record_user_interaction",
        "record_option_click",
        "record_reaction",
        "record_tour_step",
    ],
)
def test_interaction_restarts_the_timer(make: Any, record: str) -> None:
    state = make(100.0)
    getattr(state, record)(now=105.0)
    assert state.next_change_at() == 115.0
    state.tick(now=110.0)
    assert state.current_state is not THINKING


def test_chat_message_keeps_the_proactive_state() -> None:
    state = proactive()
    state.record_user_interaction(now=101.0)
    assert state.current_state is PROACTIVE


def test_remembers_a_clicked_option_until_the_next_offer() -> None:
    state = proactive(100.0)
    state.record_option_click(now=101.0)
    assert state.proactive.user_clicked_option
    state.tick(now=200.0)
    state.transition_to_proactive("t2", now=300.0)
    assert not state.proactive.user_clicked_option


def test_tick_returns_how_long_the_user_has_been_quiet() -> None:
    state = proactive(100.0)
    state.record_tour_step(now=103.0)
    state.tick(now=107.0)
    assert state.proactive.time_since_last_interaction_s == 4.0


@pytest.mark.parametrize("tour_id", ["bulk-edit", "flow_1"])
def test_running_tour_applies_its_own_times_by_either_id(tour_id: str) -> None:
    state = proactive(100.0)
    state.set_visual_guidance(True, tour_id, now=101.0)
    assert state.next_change_at(TOURS) == 146.0
    state.tick(TOURS, now=145.0)
    assert state.current_state is PROACTIVE
    state.tick(TOURS, now=146.0)
    assert state.current_state is THINKING
    assert (state.visual_guidance_active, state.active_tour_id) == (False, None)
    # The tour's cooldown outlasts the tour.
    assert state.next_change_at(TOURS) == 446.0
    assert state.transition_to_proactive("t1", now=445.0) is False


def test_tour_can_shorten_the_times() -> None:
    state = reactive(100.0)
    state.set_visual_guidance(True, "export", now=100.0)
    state.tick(TOURS, now=105.0)
    assert state.current_state is THINKING
    assert state.next_change_at() == 112.0


@pytest.mark.parametrize("tours", [None, TOURS])
def test_unknown_tour_keeps_the_sessions_times(tours: TourRegistry | None) -> None:
    state = proactive(100.0)
    state.set_visual_guidance(True, "unheard-of", now=100.0)
    assert state.next_change_at(tours) == 110.0


def test_sessions_times_apply_again_after_a_tour() -> None:
    state = proactive(100.0)
    state.set_visual_guidance(True, "bulk-edit", now=101.0)
    state.set_visual_guidance(False, "bulk-edit", now=102.0)
    assert (state.visual_guidance_active, state.active_tour_id) == (False, None)
    # The end of a tour is no interaction: the last one was its start.
    assert state.next_change_at(TOURS) == 111.0


@pytest.mark.parametrize("active", [True, False])
def test_tour_cannot_start_or_end_in_thinking(active: bool) -> None:
    state = session()
    with pytest.raises(InvalidTransitionError):
        state.set_visual_guidance(active, "bulk-edit", now=100.0)
    assert state.active_tour_id is None


def test_late_tick_makes_only_one_transition() -> None:
    state = proactive(100.0)
    state.tick(now=100_000.0)
    assert state.can_deliver_proactive() == (False, "v2_cooldown_active")


def test_snapshot_survives_a_restart_on_another_host() -> None:
    state = proactive(100.0)
    state.metadata["user_id"] = "u1"
    state.set_visual_guidance(True, "flow_1", now=102.0)
    restored = SessionState.from_dict(json.loads(json.dumps(state.to_dict())))
    assert restored == state
    restored.tick(TOURS, now=147.0)
    assert restored.current_state is THINKING


def test_snapshot_does_not_change_with_the_session() -> None:
    state = session(metadata={"user_id": "u1"})
    snapshot = state.to_dict()
    state.metadata["user_id"] = "u2"
    assert snapshot["metadata"] == {"user_id": "u1"}


def test_incomplete_snapshot_restores_with_defaults() -> None:
    restored = SessionState.from_dict(
        {"_v": 1, "session_id": "s1", "current_state": "gone", "metadata": None, "thinking": None}, now=50.0
    )
    assert restored.current_state is THINKING
    assert (restored.last_interaction_at, restored.interaction_timeout_s) == (50.0, 20.0)
    assert restored.metadata == {}


@pytest.mark.parametrize("version", [None, 2, "1"])
def test_rejects_a_snapshot_of_another_format(version: object) -> None:
    with pytest.raises(ValueError, match="version"):
        SessionState.from_dict({"_v": version, "session_id": "s1"})


def test_can_be_pickled_and_has_no_instance_dict() -> None:
    state = proactive()
    assert pickle.loads(pickle.dumps(state)) == state  # noqa: S301 - our own
    for part in (state, state.thinking, state.proactive, state.reactive):
        assert not hasattr(part, "__dict__")


def test_continued_chat_does_not_replace_the_known_one() -> None:
    state = session()
    state.on_conversation_linked(SimpleNamespace(conversation_id="c1", is_reply_existing=True))
    state.on_conversation_linked(SimpleNamespace(conversation_id="c2", is_reply_existing=True))
    assert (state.conversation_linked, state.conversation_id) == (True, "c1")
    state.on_conversation_linked(SimpleNamespace(conversation_id="c3", is_reply_existing=False))
    assert state.conversation_id == "c3"


@pytest.mark.parametrize("kind", [ProactiveState, ReactiveState])
def test_parts_are_usable_alone(kind: Any) -> None:
    part = kind()
    part.record_user_interaction(now=10.0)
    part.tick(now=12.5)
    assert part.time_since_last_interaction_s == 2.5
    assert kind.from_dict(part.to_dict()) == part


epoch = st.floats(min_value=1.6e9, max_value=1.9e9)
seconds = st.floats(min_value=0.001, max_value=1e5)


# With these floats, the difference of the two times is below the timeout, though their sum is reached.
@example(1700000763.775, 25.51, 25.51)
@given(epoch, seconds, seconds)
def test_timer_at_the_next_due_time_always_finds_the_change(
    start: float, timeout: float, cooldown: float
) -> None:
    state = SessionState(interaction_timeout_s=timeout, cooldown_period_s=cooldown)
    state.transition_to_reactive(now=start)
    due = state.next_change_at()
    assert due is not None
    state.tick(now=due)
    assert state.current_state is THINKING
    due = state.next_change_at()
    assert due is not None
    state.tick(now=due)
    assert state.can_deliver_proactive() == (True, "ok")


class SessionMachine(RuleBasedStateMachine):
    """The rules once more, tracked beside the real state machine."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_700_000_000.0
        self.real = session()
        self.state = THINKING
        self.last = 0.0
        self.tour: TourDefinition | None = None
        self.cooldown_until: float | None = None

    def times(self) -> tuple[float, float]:
        tour = self.tour
        return (tour.interaction_timeout_s, tour.cooldown_period_s) if tour else (10.0, 20.0)

    @rule(passed=st.integers(0, 60))
    def time_passes(self, passed: int) -> None:
        self.now += passed
        self.real.tick(TOURS, now=self.now)
        timeout, cooldown = self.times()
        if self.state is THINKING:
            if self.cooldown_until is not None and self.now >= self.cooldown_until:
                self.cooldown_until = None
        elif self.now >= self.last + timeout:
            self.state, self.tour = THINKING, None
            self.cooldown_until = self.now + cooldown

    @rule()
    def a_trigger_fires(self) -> None:
        if self.state is not THINKING:
            with pytest.raises(InvalidTransitionError):
                self.real.transition_to_proactive("t", now=self.now)
            return
        assert self.real.transition_to_proactive("t", now=self.now) is (self.cooldown_until is None)
        if self.cooldown_until is None:
            self.state, self.last = PROACTIVE, self.now

    @rule()
    def the_user_asks(self) -> None:
        if self.state is not THINKING:
            with pytest.raises(InvalidTransitionError):
                self.real.transition_to_reactive(now=self.now)
            return
        self.real.transition_to_reactive(now=self.now)
        self.state, self.last, self.cooldown_until = REACTIVE, self.now, None

    @rule(record=st.sampled_from(["user_interaction", "option_click", "reaction", "tour_step"]))
    def the_user_does_something(self, record: str) -> None:
        getattr(self.real, f"record_{record}")(now=self.now)
        self.last = self.now

    @precondition(lambda self: self.state is not THINKING)
    @rule(tour=st.sampled_from(TOURS.tours), by_flow=st.booleans())
    def a_tour_starts(self, tour: TourDefinition, by_flow: bool) -> None:
        self.real.set_visual_guidance(True, tour.user_tour_id if by_flow else tour.id, now=self.now)
        self.last = self.now
        self.tour = None if by_flow and tour.user_tour_id is None else tour

    @precondition(lambda self: self.state is not THINKING)
    @rule()
    def the_tour_ends(self) -> None:
        self.real.set_visual_guidance(False, now=self.now)
        self.tour = None

    @rule()
    def the_process_restarts(self) -> None:
        self.real = SessionState.from_dict(json.loads(json.dumps(self.real.to_dict())))

    @invariant()
    def they_agree(self) -> None:
        assert self.real.current_state is self.state
        due = self.cooldown_until if self.state is THINKING else self.last + self.times()[0]
        assert self.real.next_change_at(TOURS) == due
        may = self.state is THINKING and self.cooldown_until is None
        assert self.real.can_deliver_proactive()[0] is may


TestSessionMachine = SessionMachine.TestCase
