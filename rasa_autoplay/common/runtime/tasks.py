"""Ends background tasks, including those that swallow a cancellation, or waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

__all__ = ["end_tasks", "until_finished"]

_CANCEL_AGAIN_S = 0.2


async def end_tasks(tasks: Iterable[asyncio.Future[Any] | None]) -> None:
    """Cancel tasks until they have ended; None stands for a task that was not started.

    One cancellation is not enough. Up to Python 3.11, ``asyncio.wait_for()`` swallows a cancellation that
    arrives together with the awaited result, and so do libraries that build on it. A task in an endless loop
    would continue, and a caller that waits for its end would wait forever.
    """
    ending = {task for task in tasks if task is not None}
    left = {task for task in ending if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN_S)
    for task in ending:
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not log it


async def until_finished(tasks: Collection[asyncio.Future[Any]]) -> None:
    """Wait until no task is left; their errors are not raised.

    Since Python 3.12, ``await asyncio.gather()`` does not yield to the event loop if all tasks are done. In a
    loop, the callbacks that remove these tasks would never run.

    Args:
        tasks: a collection from which a callback removes each task that has ended.
    """
    while tasks:
        done, _ = await asyncio.wait(tasks)
        for task in done:
            if not task.cancelled():
                task.exception()  # retrieved, so that asyncio does not log it
