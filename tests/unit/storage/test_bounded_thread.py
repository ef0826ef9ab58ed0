"""Blocking work beside the event loop: callers wait at most the limit, and not one after another."""

from __future__ import annotations

import asyncio
import functools
import threading
import time

import pytest
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.storage.bounded_thread import BoundedThread, Overdue

WAIT_S = 0.2


class Parts:
    """A thread, and work that continues until it is released or aborted."""

    def __init__(self, abort_s: float = 60.0) -> None:
        self.gate = threading.Event()
        self.failures: list[Exception] = []
        self.is_lasting = True
        self.worked = 0
        self.aborted = 0
        self.begun = 0
        self.thread = BoundedThread("test", WAIT_S, abort_s, self._abort, self._failed, self._worked)

    def stuck(self) -> str:
        self.begun += 1
        self.gate.wait(30)
        if self.aborted and self.begun == 1:
            raise ConnectionError("cut")
        return "done"

    def _abort(self) -> None:
        self.aborted += 1
        self.gate.set()

    def _failed(self, failure: Exception) -> bool:
        self.failures.append(failure)
        return not self.is_lasting

    def _worked(self) -> None:
        self.worked += 1


@asynchronous
async def test_runs_work_in_order_and_raises_its_errors() -> None:
    parts = Parts()
    done: list[int] = []
    await asyncio.gather(*(parts.thread.run(functools.partial(done.append, n)) for n in range(20)))
    assert done == list(range(20))
    with pytest.raises(ZeroDivisionError):
        await parts.thread.run(lambda: 1 // 0)
    assert not parts.thread.is_stuck
    await parts.thread.close()


@asynchronous
async def test_hundredth_caller_waits_no_longer_than_the_first() -> None:
    parts = Parts()
    begun = time.monotonic()

    async def ask() -> None:
        with pytest.raises(Overdue):
            await parts.thread.run(parts.stuck)

    await asyncio.gather(*(ask() for _ in range(100)))
    for _ in range(100):
        await ask()
    assert time.monotonic() - begun < 10 * WAIT_S, "200 users, and 40 s if they waited one after the other"
    assert parts.begun == 1, "what had not begun was not done at all"
    parts.gate.set()
    await eventually(lambda: parts.worked, what="the thread works again")
    assert await parts.thread.run(lambda: "at once") == "at once"
    await parts.thread.close()


@asynchronous
async def test_aborts_and_retries_work_that_is_stuck() -> None:
    parts = Parts(abort_s=0.3)
    with pytest.raises(Overdue):
        await parts.thread.run(parts.stuck)
    await eventually(lambda: parts.worked, what="the second attempt works")
    assert [str(failure) for failure in parts.failures] == ["cut"]
    assert (parts.aborted, parts.begun) == (1, 2)
    await parts.thread.close()


@asynchronous
async def test_accepts_work_again_after_aborting_stuck_work() -> None:
    parts = Parts(abort_s=0.3)
    parts.is_lasting = False
    with pytest.raises(Overdue):
        await parts.thread.run(parts.stuck)
    await eventually(lambda: not parts.thread.is_stuck, what="the thread works again")
    assert parts.begun == 1
    await parts.thread.close()


@asynchronous
async def test_cancelled_caller_leaves_no_one_stuck() -> None:
    parts = Parts()
    asking = asyncio.get_running_loop().create_task(parts.thread.run(parts.stuck))
    await eventually(lambda: parts.begun, what="the work has begun")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    with pytest.raises(Overdue):
        await parts.thread.run(lambda: "behind it")
    parts.gate.set()
    await eventually(lambda: not parts.thread.is_stuck, what="the thread works again")
    assert await parts.thread.run(lambda: "at once") == "at once"
    await parts.thread.close()


@asynchronous
async def test_closing_does_not_wait_for_a_hanging_server() -> None:
    parts = Parts()
    with pytest.raises(Overdue):
        await parts.thread.run(parts.stuck)
    await asyncio.wait_for(parts.thread.close(), 10)
    assert parts.aborted == 1


@asynchronous
async def test_closing_finishes_work_in_progress() -> None:
    parts = Parts()
    done: list[int] = []
    working = asyncio.gather(*(parts.thread.run(functools.partial(done.append, n)) for n in range(20)))
    await asyncio.sleep(0)
    await parts.thread.close()
    await working
    assert len(done) == 20
