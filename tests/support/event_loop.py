"""How long does an event loop work at a stretch?"""

from __future__ import annotations

import asyncio
import time

__all__ = ["LoopWatch"]


class LoopWatch:
    """Measures how long the event loop worked at a stretch, in CPU time, which no neighbour disturbs."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        """Take every turn of the loop until cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest_s = max(self.longest_s, now - before)
            before = now
