"""A queue of coroutines that keeps the order of each key, so that one slow key does not delay the others."""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

__all__ = ["KeyedQueue"]

_Work = Coroutine[Any, Any, Any]


class KeyedQueue:
    """Runs the coroutines of one key one after the other, and those of different keys side by side.

    Overflow policy: while too many coroutines wait, new ones are refused.

    Args:
        run: awaits one coroutine; it never raises.
        max_running: how many run at the same time.
        max_waiting: how many wait at most.
        max_waiting_of_key: how many wait at most for one key.
        name: the name of the tasks.
    """

    def __init__(
        self,
        run: Callable[[_Work], Awaitable[None]],
        max_running: int,
        max_waiting: int,
        max_waiting_of_key: int,
        name: str,
    ) -> None:
        self._run = run
        self._max_running = max_running
        self._max_waiting = max_waiting
        self._max_waiting_of_key = max_waiting_of_key
        self._name = name
        #: By key. A key without waiting work is absent.
        self._waiting: dict[str, deque[_Work]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        #: The keys that have waiting work and none that runs; the one that has waited longest is first.
        self._ready: deque[str] = deque()
        self.waiting = 0

    @property
    def running(self) -> int:
        """How many coroutines run now."""
        return len(self._running)

    def add(self, key: str, work: _Work) -> bool:
        """Queue a coroutine; close it and return False if the queue is full."""
        of_key = self._waiting.get(key)
        if self.waiting >= self._max_waiting or (of_key and len(of_key) >= self._max_waiting_of_key):
            work.close()
            return False
        self._waiting.setdefault(key, deque()).append(work)
        self.waiting += 1
        if not of_key and key not in self._running:
            self._ready.append(key)
        self._start_ready()
        return True

    async def stop(self, timeout_s: float) -> None:
        """Finish all work if time allows, and cancel the rest."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while self._running and loop.time() < end:
            await asyncio.wait(
                self._running.values(), timeout=end - loop.time(), return_when=asyncio.FIRST_COMPLETED
            )
        self._ready.clear()
        for waiting in self._waiting.values():
            for work in waiting:
                work.close()
        self._waiting.clear()
        self.waiting = 0
        for task in self._running.values():
            task.cancel()

    def _start_ready(self) -> None:
        loop = asyncio.get_running_loop()
        while self._ready and len(self._running) < self._max_running:
            key = self._ready.popleft()
            work = self._waiting[key].popleft()
            self.waiting -= 1
            if not self._waiting[key]:
                del self._waiting[key]
            self._running[key] = task = loop.create_task(self._await(work), name=self._name)
            task.add_done_callback(functools.partial(self._finished, key, work))

    async def _await(self, work: _Work) -> None:
        await self._run(work)

    def _finished(self, key: str, work: _Work, _task: asyncio.Task[None]) -> None:
        work.close()  # it has not begun if its task was cancelled at once
        del self._running[key]
        if key in self._waiting:
            self._ready.append(key)
        self._start_ready()
