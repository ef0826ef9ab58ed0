"""Background tasks end on request, whatever they do with a cancellation."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from support.run import asynchronous

from rasa_autoplay.common.runtime.tasks import end_tasks, until_finished

PACKAGE = Path(__file__).parents[4] / "rasa_autoplay"


async def _swallows(times: int) -> None:
    """An endless loop that swallows this many cancellations."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


@pytest.mark.parametrize("times", [0, 1, 3])
@asynchronous
async def test_ends_a_task_that_swallows_cancellations(times: int) -> None:
    task = asyncio.ensure_future(_swallows(times))
    await asyncio.sleep(0)
    await asyncio.wait_for(end_tasks([task, None]), 5)
    assert task.cancelled()


@asynchronous
async def test_ends_a_task_whose_awaited_result_comes_with_the_cancellation() -> None:
    """The race itself: asyncio.wait_for() returns the result, and the cancellation is lost."""
    results: asyncio.Queue[int] = asyncio.Queue()

    async def read_for_ever() -> None:
        while True:
            await asyncio.wait_for(results.get(), 3600)

    task = asyncio.ensure_future(read_for_ever())
    await asyncio.sleep(0)
    results.put_nowait(1)
    await asyncio.sleep(0)
    await asyncio.wait_for(end_tasks([task]), 5)
    assert task.done()


@asynchronous
async def test_ignores_how_a_task_ended(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError("not asked for")

    tasks = [asyncio.ensure_future(fails())]
    await asyncio.wait(tasks)
    await end_tasks(tasks)
    tasks.clear()
    assert not caplog.records


def _cancels_and_gathers(function: ast.AST) -> bool:
    called = {
        node.func.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return {"cancel", "gather"} <= called


def test_no_other_code_cancels_and_awaits_tasks() -> None:
    functions = [
        (file.relative_to(PACKAGE), node.name)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.AsyncFunctionDef) and _cancels_and_gathers(node)
    ]
    assert not functions, "use end_tasks(): one cancellation may be swallowed"


@asynchronous
async def test_waits_for_tasks_that_ended_before_their_callbacks_ran() -> None:
    async def fail() -> None:
        raise ValueError

    async def start_another() -> None:
        begin(asyncio.sleep(0.01))

    tasks: set[asyncio.Task[None]] = set()

    def begin(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    begin(fail())
    begin(start_another())
    await asyncio.sleep(0)
    assert [task.done() for task in tasks].count(True) == 2
    await until_finished(tasks)
    assert tasks == set()
