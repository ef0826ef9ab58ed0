"""The recent window at the gateway: bounded by age and size, and replayed unchanged."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from support.engine_parts import T0

from rasa_autoplay.events.models import ActionsPayload, SlimAction, SummaryPayload, UsertourTrigger
from rasa_autoplay.link.messages import Event
from rasa_autoplay.link.replay import ReplayWindow


def event(title: str = "a") -> Event:
    action = SlimAction(
        title, "User: ä", "/a", 1, "click", T0, T0 + 1, "/raw", "s1", "u1", "a@b.c", "c1", "el"
    )
    return Event(ActionsPayload("demo", "s1", "u1", "a@b.c", [action], forwarded_at=T0), "capture")


def titles(window: ReplayWindow, now: float) -> list[str]:
    payloads = [each.payload for each in window.events(now)]
    return [p.actions[0].title for p in payloads if isinstance(p, ActionsPayload)]


@given(st.lists(st.integers(0, 500).map(float), max_size=20), st.integers(0, 600).map(float))
def test_returns_messages_within_the_window(kept_at: Sequence[float], now: float) -> None:
    window = ReplayWindow()
    times = sorted(kept_at)
    for number, at in enumerate(times):
        window.store(event(str(number)), at)
    now = max([now, *times])
    assert titles(window, now) == [str(n) for n, at in enumerate(times) if at >= now - window.window_s]


def test_returns_every_kind_of_event_unchanged() -> None:
    window = ReplayWindow()
    kinds = [
        event(),
        Event(SummaryPayload("demo", "s1", "They looked round.", 3, T0), "stream"),
        Event(UsertourTrigger("flow", "s1", "demo", "u1", "because"), "stream"),
    ]
    for each in kinds:
        window.store(each, T0)
    assert list(window.events(T0)) == kinds


def test_stores_copies() -> None:
    window, changing = ReplayWindow(), event("before")
    window.store(changing, T0)
    assert isinstance(changing.payload, ActionsPayload)
    changing.payload.actions[0].title = "after"
    assert titles(window, T0) == ["before"]


def test_drops_the_oldest_beyond_its_size() -> None:
    size = len(b"x" * 1000)
    window = ReplayWindow(max_bytes=5 * size)
    for number in range(100):
        window.store(event(f"{number}" + "x" * 500), T0)
    left = [int(title.rstrip("x")) for title in titles(window, T0)]
    assert left
    assert left == list(range(100 - len(left), 100))
    assert window._bytes <= 5 * size


def test_dropped_messages_no_longer_count_towards_its_size() -> None:
    window = ReplayWindow()
    window.store(event(), T0)
    window.forget(T0 + window.window_s)
    assert len(window) == 1
    window.forget(T0 + window.window_s + 0.25)
    assert (len(window), window._bytes) == (0, 0)


def test_does_not_store_a_message_larger_than_its_size() -> None:
    window = ReplayWindow(max_bytes=10)
    window.store(event(), T0)
    assert (len(window), window._bytes) == (0, 0)


def test_can_be_read_while_messages_are_added() -> None:
    window = ReplayWindow()
    window.store(event("a"), T0)
    giving = window.events(T0)
    window.store(event("b"), T0)
    assert len(list(giving)) == 1
