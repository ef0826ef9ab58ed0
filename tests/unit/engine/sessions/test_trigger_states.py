"""What a session's triggers have consumed, and their holds and waits."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.sessions.trigger_states import TriggerStates

T0 = 1_700_000_000.0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0.0, 1e9))))
def test_consumes_evidence_up_to_the_latest_time_per_trigger(uses: list[tuple[str, float]]) -> None:
    triggers = TriggerStates()
    for trigger_id, until in uses:
        triggers.consume(trigger_id, until)
    for trigger_id in "ab":
        of_it = [until for used, until in uses if used == trigger_id]
        assert triggers.evidence_after(trigger_id) == max(of_it, default=0.0)


def test_holds_end_at_their_time() -> None:
    triggers = TriggerStates()
    triggers.hold("a", T0 + 10)
    triggers.hold("b", math.inf)
    assert triggers.holds(T0 + 9.75) == {"a": T0 + 10, "b": math.inf}
    assert triggers.holds(T0 + 10) == {"b": math.inf}
    assert triggers.holds(T0 + 9) == {"b": math.inf}, "what has ended does not come back"


def test_later_hold_replaces_an_earlier_one() -> None:
    triggers = TriggerStates()
    triggers.hold("a", math.inf)
    triggers.hold("a", T0 + 5)
    assert triggers.holds(T0) == {"a": T0 + 5}


def test_silence_is_of_one_trigger_and_topic_and_ends_at_its_time() -> None:
    triggers = TriggerStates()
    triggers.silence("a", "export", T0 + 10)
    triggers.silence("a", "import", T0 + 20)
    assert triggers.silenced("a", T0 + 9.75) == {"export": T0 + 10, "import": T0 + 20}
    assert triggers.silenced("a", T0 + 10) == {"import": T0 + 20}
    assert not triggers.silenced("b", T0)
    assert not triggers.holds(T0), "the trigger may still offer other topics"


def test_waiting_trigger_is_held_until_its_boundary_may_have_come() -> None:
    triggers = TriggerStates()
    triggers.hold("other", T0 + 5)
    triggers.wait("a", T0, T0 + 30)
    assert triggers.waits("a")
    assert triggers.holds(T0) == {"other": T0 + 5, "a": T0 + 30}
    triggers.reconsider()
    assert triggers.holds(T0) == {"other": T0 + 5}
    assert triggers.waits("a"), "it is asked again, and waits until the answer"
    assert triggers.stop_waiting("a") == T0
    assert not triggers.waits("a")
    assert triggers.stop_waiting("a") is None
