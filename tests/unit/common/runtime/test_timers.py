"""Timers: each key rings once, at the latest wish, and nothing piles up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_parts import Clock
from support.run import asynchronous, passes

from rasa_autoplay.common.runtime.timers import TimerKey, Timers, TimeSlice

KEYS = st.sampled_from("abc").map(lambda name: ("session", name))
WISHES = st.tuples(KEYS, st.one_of(st.none(), st.integers(0, 20).map(float)))
#: Wishes, and looks at the clock (a number).
STEPS = st.lists(st.one_of(WISHES, st.integers(0, 20).map(float)), max_size=60)


@given(STEPS)
def test_each_key_rings_once_at_its_latest_wish(
    steps: Sequence[float | tuple[TimerKey, float | None]],
) -> None:
    timers, expected = Timers(Clock(0.0)), dict[TimerKey, float]()
    for step in steps:
        if isinstance(step, tuple):
            key, due = step
            timers.set(key, due)
            if due is None:
                expected.pop(key, None)
            else:
                expected[key] = due
        else:
            rung = timers.pop_due(step)
            assert sorted(rung) == sorted(key for key, due in expected.items() if due <= step)
            assert [expected[key] for key in rung] == sorted(expected[key] for key in rung)
            for key in rung:
                del expected[key]
        assert len(timers) == len(expected)


def test_of_one_moment_the_first_that_was_set_rings_first() -> None:
    timers = Timers(Clock(0.0))
    for name in "cab":
        timers.set(("session", name), 5.0)
    assert [name for _, name in timers.pop_due(5.0)] == ["c", "a", "b"]


def test_a_key_may_be_a_session_or_nothing() -> None:
    timers = Timers(Clock(0.0))
    timers.set(("session", ("demo", "s1")), 5.0)
    timers.set(("expiry", None), 5.0)
    assert len(timers.pop_due(5.0)) == 2


def test_wishes_that_are_changed_again_and_again_do_not_pile_up() -> None:
    timers = Timers(Clock(0.0))
    for number in range(10_000):
        timers.set(("session", "a"), 1e6 + number)
    assert len(timers) == 1
    assert len(timers._heap) < 200
    assert not timers.pop_due(1e6 + 9_998)
    assert timers.pop_due(1e6 + 9_999) == [("session", "a")]


def test_sessions_that_come_and_go_do_not_pile_up() -> None:
    timers = Timers(Clock(0.0))
    for number in range(10_000):
        timers.set(("session", number), 1e6)
        timers.set(("session", number), None)
    assert len(timers) == 0
    assert len(timers._heap) < 200


class Ringing:
    """Timers that run, and what they have rung."""

    def __init__(self, broken: str = "") -> None:
        self.clock = Clock(100.0)
        self.timers = Timers(self.clock)
        self.rung: list[str] = []
        self._broken = broken
        self._heard = asyncio.Event()

    async def wake(self, key: TimerKey) -> None:
        self.rung.append(key[1])
        self._heard.set()
        if key[1] == self._broken:
            raise RuntimeError("somebody's mistake")

    async def __aenter__(self) -> Ringing:
        self._task = asyncio.get_running_loop().create_task(self.timers.run(self.wake))
        await passes()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        assert not self._task.done(), "it has died"
        self._task.cancel()
        await asyncio.wait([self._task], timeout=60.0)
        assert self._task.done(), "it does not end"

    async def until(self, names: list[str]) -> None:
        while self.rung != names:
            self._heard.clear()
            await asyncio.wait_for(self._heard.wait(), 60.0)


@asynchronous
async def test_what_is_due_rings_at_once_and_what_is_not_does_not() -> None:
    async with Ringing() as running:
        running.timers.set(("session", "later"), 1e9)
        running.timers.set(("session", "now"), 100.0)
        await running.until(["now"])
        await passes()
        assert running.rung == ["now"]


@asynchronous
async def test_an_earlier_wish_wakes_the_sleeper() -> None:
    async with Ringing() as running:
        running.timers.set(("session", "a"), 1e9)
        await passes()
        running.clock.now = 101.0
        running.timers.set(("session", "a"), 100.5)
        await running.until(["a"])


@asynchronous
async def test_the_sleeper_wakes_by_itself() -> None:
    async with Ringing() as running:
        # The clock is told to have moved on while the sleep that was computed before is very short.
        running.timers.set(("session", "a"), 100.01)
        await passes()
        assert not running.rung
        running.clock.now = 100.01
        await running.until(["a"])


@asynchronous
async def test_a_wish_of_the_last_moment_does_not_keep_it_from_ending() -> None:
    running = Ringing()
    async with running:
        running.timers.set(("session", "a"), 1e9)
    assert running._task.cancelled()


@asynchronous
async def test_one_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async with Ringing(broken="a") as running:
        running.timers.set(("session", "a"), 99.0)
        running.timers.set(("session", "b"), 100.0)
        await running.until(["a", "b"])
    assert [record.exc_info is not None for record in caplog.records if record.levelno == logging.ERROR] == [
        True
    ]


def test_the_next_time_is_that_of_the_latest_wish() -> None:
    timers = Timers(lambda: 0.0)
    assert timers.next_due() is None
    timers.set(("a", 1), 5.0)
    timers.set(("b", 1), 7.0)
    assert timers.next_due() == 5.0
    timers.set(("a", 1), 9.0)
    assert timers.next_due() == 7.0
    timers.set(("b", 1), None)
    assert timers.next_due() == 9.0
    assert timers.pop_due(9.0) == [("a", 1)]
    assert timers.next_due() is None


def test_a_sooner_wish_counts_and_a_later_one_does_not() -> None:
    timers = Timers(Clock(0.0))
    key = ("session", "a")
    timers.set_sooner(key, None)
    assert timers.next_due() is None
    for wish, due in ((10.0, 10.0), (20.0, 10.0), (None, 10.0), (5.0, 5.0)):
        timers.set_sooner(key, wish)
        assert timers.next_due() == due
    assert timers.pop_due(10.0) == [key], "once"


@asynchronous
async def test_who_has_much_to_do_gives_way_to_others() -> None:
    turn, others = TimeSlice(), asyncio.Event()
    asyncio.get_running_loop().call_soon(others.set)
    for _ in range(10_000_000):
        await turn.yield_if_due()
        if others.is_set():
            return
    raise AssertionError("nobody else had a turn")
