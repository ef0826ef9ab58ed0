"""A slow reading is made once for all who ask, and kept for a while."""

from __future__ import annotations

import asyncio

import pytest
from support.engine_parts import Clock
from support.run import asynchronous

from rasa_autoplay.engine.studio import cached_reading
from rasa_autoplay.engine.studio.cached_reading import CachedReading
from rasa_autoplay.link.base import EngineRefused


class _Slow:
    def __init__(self) -> None:
        self.clock = Clock(0.0)
        self.reads = 0
        self.may_read = asyncio.Event()
        self.works = True
        self.reading = CachedReading(self._read, "figures", 20.0, self.clock)

    async def _read(self) -> int | None:
        self.reads += 1
        await self.may_read.wait()
        return self.reads if self.works else None


@asynchronous
async def test_reads_once_for_all_and_again_when_it_is_old() -> None:
    slow = _Slow()
    asking = [asyncio.ensure_future(slow.reading.get()) for _ in range(5)]
    slow.may_read.set()
    assert await asyncio.gather(*asking) == [1] * 5
    slow.clock.now = 19.0
    assert await slow.reading.get() == 1
    slow.clock.now = 20.0
    assert await slow.reading.get() == 2


@asynchronous
async def test_a_failure_is_not_kept() -> None:
    slow = _Slow()
    slow.may_read.set()
    slow.works = False
    assert await slow.reading.get() is None
    slow.works = True
    assert await slow.reading.get() == 2


@asynchronous
async def test_nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_reading, "_WAIT_S", 0.01)
    slow = _Slow()
    with pytest.raises(EngineRefused, match="still being read"):
        await slow.reading.get()
    slow.clock.now = 100.0
    slow.may_read.set()
    assert await slow.reading.get() == 1, "the same reading, although it began long ago"
