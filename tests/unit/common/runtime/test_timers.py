"""Timers: each key fires once, at its latest due time, and nothing accumulates."""

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
#: Due times to set, and times to check (a number).
STEPS = st.lists(st.one_of(WISHES, st.integers(0, 20).map(float)), max_size=60)


@given(STEPS)
def test_each_key_fires_once_at_its_latest_due_time(
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


def test_timers_of_one_moment_fire_in_the_order_set() -> None:
    timers = Timers(Clock(0.0))
    for name in "cab":
        timers.set(("session", name), 5.0)
    assert [name for _, name in timers.pop_due(5.0)] == ["c", "a", "b"]


def test_key_can_hold_a_session_or_none() -> None:
    timers = Timers(Clock(0.0))
    timers.set(("session", ("demo", "s1")), 5.0)
    timers.set(("expiry", None), 5.0)
    assert len(timers.pop_due(5.0)) == 2


def test_repeatedly_changed_timers_do_not_accumulate() -> None:
    timers = Timers(Clock(0.0))
    for number in range(10_000):
        timers.set(("session", "a"), 1e6 + number)
    assert len(timers) == 1
    assert len(timers._heap) < 200
    assert not timers.pop_due(1e6 + 9_998)
    assert timers.pop_due(1e6 + 9_999) == [("session", "a")]


def test_ended_sessions_do_not_accumulate() -> None:
    timers = Timers(Clock(0.0))
    for number in range(10_000):
        timers.set(("session", number), 1e6)
        timers.set(("session", number), None)
    assert len(timers) == 0
    assert len(timers._heap) < 200


class Ringing:
    """Running timers, and the keys that fired."""

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
async def test_fires_only_due_timers() -> None:
    async with Ringing() as running:
        running.timers.set(("session", "later"), 1e9)
        running.timers.set(("session", "now"), 100.0)
        await running.until(["now"])
        await passes()
        assert running.rung == ["now"]


@asynchronous
async def test_earlier_due_time_wakes_the_loop() -> None:
    async with Ringing() as running:
        running.timers.set(("session", "a"), 1e9)
        await passes()
        running.clock.now = 101.0
        running.timers.set(("session", "a"), 100.5)
        await running.until(["a"])


@asynchronous
async def test_loop_wakes_at_the_due_time() -> None:
    async with Ringing() as running:
        # The clock jumps while the sleep computed before is very short.
        running.timers.set(("session", "a"), 100.01)
        await passes()
        assert not running.rung
        running.clock.now = 100.01
        await running.until(["a"])


@asynchronous
async def test_timer_set_while_stopping_does_not_prevent_the_end() -> None:
    running = Ringing()
    async with running:
        running.timers.set(("session", "a"), 1e9)
    assert running._task.cancelled()


@asynchronous
async def test_failing_timer_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async with Ringing(broken="a") as running:
        running.timers.set(("session", "a"), 99.0)
        running.timers.set(("session", "b"), 100.0)
        await running.until(["a", "b"])
    assert [record.exc_info is not None for record in caplog.records if record.levelno == logging.ERROR] == [
        True
    ]


def test_next_due_follows_the_latest_due_times() -> None:
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


def test_sooner_due_time_counts_and_a_later_one_does_not() -> None:
    timers = Timers(Clock(0.0))
    key = ("session", "a")
    timers.set_sooner(key, None)
    assert timers.next_due() is None
    for wish, due in ((10.0, 10.0), (20.0, 10.0), (None, 10.0), (5.0, 5.0)):
        timers.set_sooner(key, wish)
        assert timers.next_due() == due
    assert timers.pop_due(10.0) == [key], "once"


@asynchronous
async def test_long_work_yields_to_other_tasks() -> None:
    turn, others = TimeSlice(), asyncio.Event()
    asyncio.get_running_loop().call_soon(others.set)
    for _ in range(10_000_000):
        await turn.yield_if_due()
        if others.is_set():
            return
    raise AssertionError("nobody else had a turn")
