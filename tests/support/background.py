"""An event loop in a thread: stand-ins go on answering while a test waits for something else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["PATIENCE_S", "BackgroundLoop", "at_last", "eventually"]

#: How long something is awaited. Only what never comes takes so long, and a busy machine is slow.
PATIENCE_S = 60.0

_ResultT = TypeVar("_ResultT")


class BackgroundLoop:
    """Everything asynchronous of a test run happens on this one loop, so that nothing needs locks."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _ResultT], within_s: float) -> _ResultT:
        """Run a coroutine from the test's thread, within a bound."""
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, within_s), self._loop)
        try:
            return future.result(within_s + 10)
        except BaseException:
            # Also when the test's thread is interrupted: nothing may go on behind the next test's back.
            future.cancel()
            raise

    def close(self) -> None:
        """End the thread, what still runs, and the loop."""
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
    """Wait until ``check`` gives something true, and return that.

    Args:
        check: a function, or a coroutine function.
        within_s: the bound, seconds.
        what: is awaited, for the failure's text.
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


async def at_last(attempt: Callable[[], Awaitable[bool]], *, attempts: int = 10) -> None:
    """Repeat what shows something only on a machine that does not stand still meanwhile.

    Args:
        attempt: returns whether it has shown it; false where it came too late to tell. Where it is untrue, no
            attempt shows it.
        attempts: after so many in vain it counts as untrue.
    """
    for _ in range(attempts):
        if await attempt():
            return
    raise AssertionError(f"none of {attempts} attempts has shown it")
