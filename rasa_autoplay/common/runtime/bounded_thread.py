"""Blocking work beside the event loop that nobody waits for longer than a limit, however long it takes.

Work that is overdue marks the thread as stuck. Until it works again, everybody else is turned away at once,
so that a hundred users do not wait one after the other. Meanwhile the same work is tried again and again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import AutoplayError

__all__ = ["BoundedThread", "Overdue"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")

#: Pauses between attempts while it is stuck.
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 2.0
#: What was aborted has so long to notice.
_ABORTING_S = 2.0


class Overdue(AutoplayError):
    """The work has taken too long, or the thread is still stuck with other work."""


class BoundedThread:
    """One thread, and the work that it does in order.

    Args:
        name: of the thread.
        wait_s: nobody waits longer for their work.
        abort_s: work that has taken so long is aborted.
        abort: makes the work that is going on fail; called on the event loop.
        attempt_failed: is told why another attempt has failed while the thread was stuck; True ends the
            attempts, since the thread itself works.
        attempt_worked: is told that the thread works again.
    """

    def __init__(
        self,
        name: str,
        wait_s: float,
        abort_s: float,
        abort: Callable[[], None],
        attempt_failed: Callable[[Exception], bool],
        attempt_worked: Callable[[], None],
    ) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._wait_s, self._abort_s, self._abort = wait_s, abort_s, abort
        self._attempt_failed, self._attempt_worked = attempt_failed, attempt_worked
        self._recovering: asyncio.Task[None] | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether work is turned away now."""
        return self._recovering is not None

    async def run(self, work: Callable[[], _ResultT], wait_s: float | None = None) -> _ResultT:
        """Do the work on the thread.

        Args:
            work: what to do.
            wait_s: instead of the usual limit.

        Raises:
            Overdue: it takes too long. It may still be done later: it must bear being done twice.
        """
        if self.is_stuck:
            raise Overdue
        job = self._pool.submit(work)
        try:
            return await asyncio.wait_for(asyncio.shield(_awaited(job)), wait_s or self._wait_s)
        except asyncio.TimeoutError:
            # What has not begun waits behind other work, and is not done at all.
            self._recover(None if job.cancel() else job, work)
            raise Overdue from None

    async def close(self) -> None:
        """Finish what was begun, within the limits, and end the thread."""
        if self._recovering is not None:
            await end_tasks([self._recovering])
            self._abort()
        ending = asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)
        try:
            await asyncio.wait_for(asyncio.shield(ending), self._abort_s)
        except asyncio.TimeoutError:
            self._abort()
            await asyncio.wait([ending], timeout=_ABORTING_S)

    def _recover(self, job: Future[Any] | None, work: Callable[[], Any]) -> None:
        if self._recovering is None:
            loop = asyncio.get_running_loop()
            self._recovering = loop.create_task(self._try_again(job, work), name="autoplay, recovery")

    async def _try_again(self, job: Future[Any] | None, work: Callable[[], Any]) -> None:
        pause_s = _FIRST_PAUSE_S
        try:
            while not await self._works(job or self._pool.submit(work)):
                await asyncio.sleep(pause_s)
                pause_s, job = min(pause_s * 2, _LONGEST_PAUSE_S), None
        finally:
            self._recovering = None

    async def _works(self, job: Future[Any]) -> bool:
        """Whether an attempt shows that the thread works again."""
        awaited = _awaited(job)
        try:
            while True:
                done, _ = await asyncio.wait([awaited], timeout=self._abort_s)
                if done:
                    break
                self._abort()
            awaited.result()
        except Exception as failure:
            return self._attempt_failed(failure)
        self._attempt_worked()
        return True


def _awaited(job: Future[_ResultT]) -> asyncio.Future[_ResultT]:
    """A job to be awaited; a failure of one that nobody awaits any more is no complaint of asyncio's."""
    awaited = asyncio.wrap_future(job)
    awaited.add_done_callback(lambda it: it.cancelled() or it.exception())
    return awaited
