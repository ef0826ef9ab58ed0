"""A session is restored from its snapshot unchanged, down to the last nested field."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.sessions.files_version import FilesVersion
from rasa_autoplay.engine.sessions.phases import ProactiveState, ReactiveState, ThinkingState
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.snapshot import UnreadableSnapshot, decode_session, encode_session
from rasa_autoplay.engine.sessions.state import AgentStateV2, SessionState
from rasa_autoplay.engine.sessions.summary import RollingSummary
from rasa_autoplay.engine.sessions.trigger_states import TriggerStates
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings

T0 = 1_700_000_000.0
SETTINGS = SessionSettings()
#: As engines of all versions store them, among the fields of the session.
STORED_TRIGGER_STATES: dict[str, Any] = {
    "consumed_until": {"t": T0 + 5},
    "held_until": {"t": T0 + 6},
    "silenced_until": {"t": {"export": T0 + 9}},
    "waiting_since": {"t": T0 + 8},
    "stopped_fires": {"t": {"gate": "typing", "at": T0 + 8, "variant": "a"}},
}
#: State of the engine that holds the session; a new owner starts with the defaults.
OF_ITS_ENGINE = {"_settings", "listed_under", "user_history", "deciding", "all_asked"}


def full_action(number: int) -> SlimAction:
    return SlimAction(
        title=f"Click Save {number}",
        description="User clicked Save — “ok”",
        canonical_url="https://app.example.com/projects/:id",
        index=number,
        type="click",
        timestamp_start=T0 + number,
        timestamp_end=T0 + number + 0.5,
        raw_url="https://app.example.com/projects/7",
        session_id="s1",
        user_id="u1",
        email="u1@example.com",
        conversation_id="c1",
        element_id="save",
        signal="rage_click",
    )


def full_state() -> SessionState:
    return SessionState(
        session_id="s1",
        metadata={"a": [1, {"b": None}]},
        current_state=AgentStateV2.REACTIVE,
        last_interaction_at=T0 + 1,
        interaction_timeout_s=7.0,
        cooldown_period_s=8.0,
        visual_guidance_active=True,
        active_tour_id="t1",
        conversation_linked=True,
        conversation_id="c1",
        thinking=ThinkingState(True, T0 + 2, 9.0),
        proactive=ProactiveState(1.5, T0 + 3, user_clicked_option=True),
        reactive=ReactiveState(2.5, T0 + 4),
    )


def full_session() -> Session:
    session = Session(
        ("demo", "s1"),
        SETTINGS,
        T0 + 20,
        _state=full_state(),
        listed_under="u1",
        held_by="user:u1",
        source="posthog",
        user_id="u1",
        email="u1@example.com",
        timezone="Europe/Rome",
        language="it",
        properties={"plan": "pro", "seats": 3, "trial": None},
        user_since=T0 - 1,
        is_verified=True,
        began_at=T0,
        action_count=3,
        step_evidence={"path": [StepEvidence(T0, 1, "Click Save", "save", "error", (0, 2))], "": []},
        user_history=msgspec.UNSET,  # type: ignore[arg-type] # anything but nothing
        remembered=frozenset({"saw_bulk_edit", "b"}),
        triggers=msgspec.convert(STORED_TRIGGER_STATES, TriggerStates),
        summary=RollingSummary(["They saved."], (T0, 2), T0 + 7, {"/projects": 4}, 11),
        version=FilesVersion("settings", "paths", {"path": ("a", "b", "c")}),
        offer_trace=("offer_1", "00-1-2-01"),
        deciding=True,
        all_asked=True,
    )
    session.add([full_action(n) for n in range(3)], (), [2**64 - 1, 5, 6])
    session.action_count = 3
    return session


def again(session: Session) -> Session:
    return decode_session(encode_session(session), SETTINGS)


def fields_of(thing: Any) -> Mapping[str, Any]:
    if dataclasses.is_dataclass(thing):
        return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    return {name: getattr(thing, name) for name in thing.__struct_fields__}


def fields_like(thing: Any, blank: Any) -> set[str]:
    """Return fields with the same value as in an empty session, which would prove nothing."""
    blanks = fields_of(blank)
    return {name for name, value in fields_of(thing).items() if value == blanks[name]}


def test_sample_session_sets_every_field() -> None:
    session = full_session()
    assert not fields_like(session, Session(("", ""), SessionSettings.parse_obj({"cooldown": "1s"}), 0.0))
    assert not fields_like(session.window.actions[1], SlimAction("", "", ""))
    assert not fields_like(session.state, SessionState())
    assert not fields_like(session.state.thinking, ThinkingState())
    assert not fields_like(session.state.proactive, ProactiveState())
    assert not fields_like(session.state.reactive, ReactiveState())
    assert not fields_like(session.triggers, TriggerStates())
    assert session.summary is not None
    assert not fields_like(session.summary, RollingSummary())


def test_restores_every_field() -> None:
    session = full_session()
    before, after = fields_of(session), fields_of(again(session))
    for name in before.keys() - OF_ITS_ENGINE - {"window"}:
        assert after[name] == before[name], name
    window, restored = session.window, again(session).window
    assert restored.actions == window.actions
    for name in fields_of(window).keys() - {"_actions"}:
        assert getattr(restored, name) == getattr(window, name), name


def test_stores_trigger_states_among_the_fields_of_the_session() -> None:
    stored = msgspec.msgpack.decode(encode_session(full_session())[1:])
    assert stored.items() >= STORED_TRIGGER_STATES.items()


def test_does_not_store_engine_specific_state() -> None:
    new, after = Session(("", ""), SETTINGS, 0.0), again(full_session())
    for name in OF_ITS_ENGINE:
        assert getattr(after, name) == getattr(new, name), name


def test_restores_an_empty_session() -> None:
    session = Session(("demo", "s1"), SETTINGS, T0)
    restored = again(session)
    assert (restored.key, restored.active_at) == (("demo", "s1"), T0)
    assert not restored.was_spoken_to
    assert restored.window.actions == ()
    assert restored.step_evidence is None


def test_restored_window_recognises_earlier_actions() -> None:
    restored = again(full_session())
    # The action is new and its event is not; then the other way round.
    assert restored.add([full_action(9)], (), [5]).new == []
    assert restored.add([full_action(1)], ()).new == []
    assert [action.index for action in restored.add([full_action(4)], (), [7]).new] == [4]


def test_stores_repeated_texts_once() -> None:
    one, many = Session(("demo", "s1"), SETTINGS, T0), Session(("demo", "s1"), SETTINGS, T0)
    one.add([full_action(0)], ())
    many.add(
        [msgspec.structs.replace(full_action(0), index=n, timestamp_start=T0 + n) for n in range(50)], ()
    )
    assert len(encode_session(many)) - len(encode_session(one)) < 49 * 32


def test_ignores_unknown_fields() -> None:
    snapshot = encode_session(full_session())
    fields = msgspec.msgpack.decode(snapshot[1:])
    later = snapshot[:1] + msgspec.msgpack.encode({**fields, "mood": "good"})
    assert decode_session(later, SETTINGS).user_id == "u1"


def test_rejects_another_version() -> None:
    with pytest.raises(UnreadableSnapshot, match="version 2, not 1"):
        decode_session(b"\x02" + encode_session(full_session())[1:], SETTINGS)


def changed(**fields: object) -> bytes:
    snapshot = encode_session(full_session())
    return snapshot[:1] + msgspec.msgpack.encode({**msgspec.msgpack.decode(snapshot[1:]), **fields})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x01garbage",
        b"\x01\xff\xff\xff",
        encode_session(full_session())[:-3],
        changed(key="s1"),
        changed(active_at="soon"),
        changed(state={"_v": 99}),
        changed(state={"_v": 1, "thinking": 3}),
        changed(actions=[["a"], [0] * 10, [[0, 0.0, 0.0]]]),
        changed(actions=[["a"], [7] * 11, [[0, 0.0, 0.0]]]),
        changed(actions=[["a"], [0] * 11, []]),
        changed(actions=[[None], [0] * 11, [[0, 0.0, 0.0]]]),
        changed(event_ids=[-1]),
        changed(event_ids=[2**65 % 2**64, "x"]),
        changed(proofs={"path": [{"at": 1}]}),
    ],
)
def test_recognises_data_that_is_not_a_snapshot(data: bytes) -> None:
    with pytest.raises(UnreadableSnapshot):
        decode_session(data, SETTINGS)


def test_unencodable_value_fails_when_writing_not_when_reading() -> None:
    session = full_session()
    session.state.metadata["handle"] = object()
    with pytest.raises(TypeError):
        encode_session(session)
    session = full_session()
    session.identify("u\ud800", None)
    with pytest.raises(ValueError, match="surrogates"):
        encode_session(session)
