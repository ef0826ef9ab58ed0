"""How long an event loop works without a pause."""

from __future__ import annotations

import asyncio
import time

__all__ = ["LoopWatch"]


class LoopWatch:
    """Measures how long each turn of the event loop takes, in CPU time."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        """Measure every turn of the loop until cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest_s = max(self.longest_s, now - before)
            before = now
