"""Runs callbacks in order within a session, and concurrently across sessions."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any

from rasa_autoplay.common.runtime.tasks import end_tasks

__all__ = ["SessionLanes"]

logger = logging.getLogger(__name__)

_Job = Callable[[], Any]


class SessionLanes:
    """One queue for each session with pending jobs, which run one after another.

    No job is dropped. When ``max_pending`` jobs wait or run, ``put`` waits, and so does the reader of the
    stream.

    Args:
        max_pending: limit for the jobs of all sessions together.
    """

    def __init__(self, max_pending: int) -> None:
        self._free = asyncio.Semaphore(max_pending)
        self._queues: dict[Hashable, deque[_Job]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._closing = False

    async def put(self, session: Hashable, job: _Job) -> None:
        """Run ``job`` (it may return an awaitable) after all earlier jobs of the session."""
        await self._free.acquire()
        queue = self._queues.get(session)
        if queue is not None:
            queue.append(job)
            return
        self._queues[session] = deque([job])
        worker = asyncio.get_running_loop().create_task(self._work(session))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, session: Hashable) -> None:
        queue = self._queues[session]
        while queue:
            try:
                outcome = queue.popleft()()
                if inspect.isawaitable(outcome):
                    await outcome
            except asyncio.CancelledError:
                # A callback may await something that was cancelled. Only `cancel` ends the lane.
                if self._closing:
                    raise
                logger.warning("A callback was cancelled from within; its session continues")
            except Exception:
                logger.exception("A callback raised an error; its session continues")
            finally:
                self._free.release()
        del self._queues[session]

    async def drain(self, timeout_s: float) -> None:
        """Wait for all jobs; after the timeout, cancel the rest."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=timeout_s)
        if self._workers:
            logger.warning("Callbacks of %d sessions did not end in %.0f s", len(self._workers), timeout_s)
            await self.cancel()

    async def cancel(self) -> None:
        """Cancel all callbacks now."""
        self._closing = True
        await end_tasks(list(self._workers))
