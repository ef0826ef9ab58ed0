"""Runs blocking work on one thread, with a limit on how long a caller waits.

Work that exceeds the limit marks the thread as stuck. While it is stuck, other work is rejected at once, so
that a hundred users do not wait one after the other. Meanwhile the same work is retried.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import AutoplayError

__all__ = ["BoundedThread", "Overdue"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")

#: How long aborted work may take to end.
_ABORTING_S = 2.0


class Overdue(AutoplayError):
    """The work took too long, or the thread is stuck with other work."""


class BoundedThread:
    """One thread that does work in order.

    Args:
        name: of the thread.
        wait_s: how long a caller waits, in seconds.
        abort_s: work is aborted after this many seconds.
        abort: makes the current work fail; called on the event loop.
        attempt_failed: called with the error of an attempt while the thread was stuck; returns True to stop
            the attempts because the thread itself works.
        attempt_worked: called when the thread works again.
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
        """Whether work is rejected now."""
        return self._recovering is not None

    async def run(self, work: Callable[[], _ResultT], wait_s: float | None = None) -> _ResultT:
        """Do the work on the thread.

        Args:
            work: what to do.
            wait_s: replaces the default limit.

        Raises:
            Overdue: it takes too long. It may still run later, so it must be safe to run twice.
        """
        if self.is_stuck:
            raise Overdue
        job = self._pool.submit(work)
        try:
            return await asyncio.wait_for(asyncio.shield(_awaited(job)), wait_s or self._wait_s)
        except asyncio.TimeoutError:
            # Work that has not started is cancelled.
            self._recover(None if job.cancel() else job, work)
            raise Overdue from None

    async def close(self) -> None:
        """Finish the current work within the limits, and end the thread."""
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
            self._recovering = loop.create_task(self._retry(job, work), name="autoplay, recovery")

    async def _retry(self, job: Future[Any] | None, work: Callable[[], Any]) -> None:
        retry = Retry()
        try:
            while not await self._works(job or self._pool.submit(work)):
                await retry.wait()
                job = None
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
    """Make a job awaitable. asyncio does not log its error if nobody awaits it any more."""
    awaited = asyncio.wrap_future(job)
    awaited.add_done_callback(lambda it: it.cancelled() or it.exception())
    return awaited
