"""A slow reading of the database that is made once for all who ask, and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from rasa_autoplay.link.base import EngineRefused

__all__ = ["CachedReading"]

_ResultT = TypeVar("_ResultT")

#: A gateway waits a little longer than this for an answer.
_WAIT_S = 4.0


class CachedReading(Generic[_ResultT]):
    """Reads on demand, and keeps the result.

    Args:
        read: reads; None if that fails.
        what: names what is read, for people.
        fresh_s: how long a result is kept, in seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[_ResultT | None]],
        what: str,
        fresh_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._read = read
        self._what = what
        self._fresh_s = fresh_s
        self._clock = clock
        self._reading: asyncio.Task[_ResultT | None] | None = None
        self._begun_at = 0.0

    async def get(self) -> _ResultT | None:
        """Return the result; None if it cannot be read.

        Raises:
            EngineRefused: it is still being read.
        """
        reading = self._reading
        is_old = self._clock() - self._begun_at >= self._fresh_s
        if reading is None or (reading.done() and (is_old or reading.result() is None)):
            self._begun_at = self._clock()
            reading = asyncio.get_running_loop().create_task(self._run(), name=f"autoplay, {self._what}")
            self._reading = reading
        done, _ = await asyncio.wait([reading], timeout=_WAIT_S)
        if not done:
            raise EngineRefused("unavailable", f"the {self._what} are still being read", "Ask again in 10 s.")
        return reading.result()

    async def _run(self) -> _ResultT | None:
        return await self._read()
