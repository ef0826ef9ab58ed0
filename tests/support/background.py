"""An event loop in a thread, so that stand-ins keep answering while a test waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["PATIENCE_S", "BackgroundLoop", "eventually", "retry_until_shown"]

#: Generous, because a busy machine is slow; only a failing test waits this long.
PATIENCE_S = 60.0

_ResultT = TypeVar("_ResultT")


class BackgroundLoop:
    """Runs everything asynchronous of a test run on one loop, so that nothing needs locks."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _ResultT], within_s: float) -> _ResultT:
        """Run a coroutine from the test's thread, for at most ``within_s`` seconds."""
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, within_s), self._loop)
        try:
            return future.result(within_s + 10)
        except BaseException:
            # Cancel on interruption too: nothing may continue during the next test.
            future.cancel()
            raise

    def close(self) -> None:
        """End the loop's tasks, the loop and the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.run_until_complete(_cancel_all_others())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


async def _cancel_all_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def eventually(check: Callable[[], Any], *, within_s: float = PATIENCE_S, what: str) -> Any:
    """Wait until ``check`` returns something true, and return that.

    Args:
        check: a function, or a coroutine function.
        within_s: the time limit in seconds.
        what: what is awaited, for the failure's text.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while True:
        result = check()
        value = await result if isinstance(result, Awaitable) else result
        if value:
            return value
        assert loop.time() < end, f"not within {within_s:g} s: {what}; lastly: {value!r}"
        await asyncio.sleep(0.03)


async def retry_until_shown(attempt: Callable[[], Awaitable[bool]], *, attempts: int = 10) -> None:
    """Repeat an attempt that can only succeed while the machine is responsive.

    Args:
        attempt: returns whether it succeeded; false when it ran too late to tell. If the claim is false, no
            attempt succeeds.
        attempts: the number of attempts before the claim counts as false.
    """
    for _ in range(attempts):
        if await attempt():
            return
    raise AssertionError(f"none of {attempts} attempts has shown it")
