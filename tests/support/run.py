"""Runs async tests, each on its own event loop."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

__all__ = ["asynchronous", "passes"]

_P = ParamSpec("_P")
#: Seconds, more than any test takes. The runner limits by a signal, which a loop in C ignores.
_LONGEST_S = 300.0


def asynchronous(test: Callable[_P, Coroutine[Any, Any, None]]) -> Callable[_P, None]:
    """Make an async test one that pytest can run; its fixtures stay the same."""

    @functools.wraps(test)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        asyncio.run(_bounded(test(*args, **kwargs)))

    return run


async def _bounded(test: Coroutine[Any, Any, None]) -> None:
    """Cancel a hanging test; within its own task, so that tests which count tasks see no other."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def cancel() -> None:
        alarms.append(loop.call_later(1, cancel))  # what is awaited may swallow a cancellation
        task.cancel()

    alarms = [loop.call_later(_LONGEST_S, cancel)]
    try:
        await test
    finally:
        alarms[-1].cancel()


async def passes(turns: int = 20) -> None:
    """Let everything that is ready run, without time passing."""
    for _ in range(turns):
        await asyncio.sleep(0)
